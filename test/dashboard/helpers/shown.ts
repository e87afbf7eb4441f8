import type { Dashboard, DashboardOptions } from '../../../src/admin/dashboard/dashboard-options.ts';
import { startAlone } from '../../../src/admin/dashboard/start-alone.ts';
import type { AuditRecord } from '../../../src/admin/index.ts';
import type { TelemetryOptions } from '../../../src/index.ts';
import { type Model, World } from './world.ts';

/** A dashboard of a world. */
export interface Shown {
  readonly world: World;
  readonly dashboard: Dashboard;
  readonly audited: AuditRecord[];
  readonly warnings: string[];
  /** Lets time pass in the world as it passes here, or faster, until the function that it returns is called. */
  readonly run: (speed?: number) => () => void;
  readonly close: () => Promise<void>;
}

/** The tokens of tests. */
export const READ_TOKEN = 'read-token-of-the-tests';
/** See {@link READ_TOKEN}. */
export const WRITE_TOKEN = 'write-token-of-the-tests';

/** Starts a dashboard on a free port. */
export async function show(
  models: readonly Model[],
  options: DashboardOptions & { readonly speed?: number; readonly telemetry?: TelemetryOptions } = {},
): Promise<Shown> {
  const { speed: looks = 1, telemetry, ...given } = options;
  const world = new World(models, telemetry);
  const audited: AuditRecord[] = [];
  const warnings: string[] = [];
  const startedMs = Date.now() - world.clock.now();
  const dashboard = await startAlone(
    world.breakers,
    { address: '127.0.0.1:0', onAudit: (record) => void audited.push(record), ...given },
    {
      clock: world.clock,
      wallClockNow: () => startedMs + world.clock.now(),
      log: () => {},
      onWarning: (message, error) => void warnings.push(`${message} ${String(error)}`),
      later: (ms, run) => {
        const timer = setTimeout(run, ms / looks);
        return () => clearTimeout(timer);
      },
    },
  );
  const stops: (() => void)[] = [];
  const run = (speed = 1): (() => void) => {
    const stopped = new AbortController();
    let owedFrom = performance.now();
    const beat = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        const now = performance.now();
        const passed = Math.floor(((now - owedFrom) * speed) / 20) * 20;
        owedFrom += passed / speed;
        // A machine that was held up does not make the world hurry.
        await world.pass(Math.min(passed, 200 * speed));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    void beat();
    const stop = (): void => stopped.abort();
    stops.push(stop);
    return stop;
  };
  return {
    ...{ world, dashboard, audited, warnings, run },
    close: async () => {
      for (const stop of stops) stop();
      await dashboard.close();
      world.breakers.dispose();
    },
  };
}
