import type { Clock } from './core/clock.ts';

/** The clock of this process: monotonic, in milliseconds. The one place that reads real time. */
export const systemClock: Clock = { now: () => performance.now() };

/** The wall clock in milliseconds since 1970, for gRPC deadlines, which are dates. */
export function wallClockNow(): number {
  return Date.now();
}
