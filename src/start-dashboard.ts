import type { Dashboard, DashboardOptions } from './admin/dashboard/dashboard-options.ts';
import { startAlone } from './admin/dashboard/start-alone.ts';
import type { Administered } from './policy/administered.ts';
import { systemClock, wallClockNow } from './system-clock.ts';
import { logChange } from './telemetry/audit-log.ts';
import { safely, warn } from './warn.ts';

/**
 * Serves the dashboard of breakers from this process: a page that shows each of them live, and steers it with a write token. It listens on loopback,
 * unless it is told otherwise; any other address needs TLS or bearer tokens. It does not keep the process alive.
 *
 * @example
 * const dashboard = await startDashboard(breakers, { tokens: { write: process.env.DASHBOARD_TOKEN } });
 *
 * @param breakers - of `createBreakers`
 * @param options - address, tokens and the like
 * @throws (as a rejection) Error where the address needs protection or cannot be had; TypeError for other options that cannot be used
 */
export async function startDashboard(breakers: Administered, options: DashboardOptions = {}): Promise<Dashboard> {
  const onWarning = safely(options.onWarning ?? warn);
  return startAlone(breakers, options, { clock: systemClock, wallClockNow, onWarning, log: logChange });
}
