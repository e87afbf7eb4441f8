import type { Clock } from '../../core/clock.ts';
import type { Administered } from '../../policy/administered.ts';
import type { WarningHandler } from '../../policy/ports.ts';
import { Access } from '../access.ts';
import type { AuditRecord } from '../audit.ts';
import { readExpiries } from '../expiries.ts';
import { Steering } from '../steering.ts';
import type { Dashboard, DashboardOptions } from './dashboard-options.ts';
import { openDashboard } from './open-dashboard.ts';
import type { Later } from './page-hub.ts';

/** What the entry gives to the room. */
export interface DashboardSurroundings {
  readonly clock: Clock;
  readonly wallClockNow: () => number;
  readonly onWarning: WarningHandler;
  /** Tells the log of a change. */
  readonly log: (record: AuditRecord) => void;
  /** Sets the timers of live pages. @default the process's */
  readonly later?: Later;
}

/** Starts the dashboard without the admin service. @throws as `startDashboard` does */
export async function startAlone(
  breakers: Administered,
  options: DashboardOptions,
  around: DashboardSurroundings,
): Promise<Dashboard> {
  const { clock, wallClockNow, onWarning, log } = around;
  const { tokens = {}, writesWithoutToken = false, onAudit } = options;
  const expiry = readExpiries(options);
  const access = new Access({ tokens, writesWithoutToken, clock, onWarning });
  const audit = (record: AuditRecord): unknown => {
    try {
      log(record);
    } catch (error) {
      onWarning('a change could not be logged; it stands', error);
    }
    return onAudit?.(record);
  };
  const steering = new Steering({ breakers, expiry, wallClockNow, audit, onWarning });
  return openDashboard({ ...around, breakers, access, steering }, options);
}
