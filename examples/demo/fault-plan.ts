import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type FaultName, type Phase } from './schedule.ts';
import type { ServerProcess } from './server/server-process.ts';

/** A fault as it was injected; times in milliseconds from the start of the run. */
export interface FaultWindow {
  readonly fault: FaultName;
  readonly startMs: number;
  /** When the server was told to be well again or, after a crash, listened again; Infinity until then. */
  endMs: number;
}

/**
 * Does to the server what the phases say, when they say it.
 * @param now - milliseconds since the start of the run
 * @param windows - gets each fault as it begins
 */
export async function injectFaults(
  server: ServerProcess,
  phases: readonly Phase[],
  now: () => number,
  windows: FaultWindow[],
  signal: AbortSignal,
): Promise<void> {
  for (const { fault, startMs, endMs } of phases) {
    if (fault === 'healthy') continue;
    await sleep(Math.max(0, startMs - now()), undefined, { signal });
    const window: FaultWindow = { fault, startMs: now(), endMs: Number.POSITIVE_INFINITY };
    windows.push(window);
    if (fault === 'crash') await server.kill();
    else server.inject(FAULTS[fault]);
    await sleep(Math.max(0, endMs - now()), undefined, { signal });
    if (fault === 'crash') await server.start();
    else server.inject({ kind: 'none' });
    window.endMs = now();
  }
}
