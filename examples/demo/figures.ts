import { type CallLog, LATE_MS, type Source } from './call-log.ts';
import type { FaultWindow } from './fault-plan.ts';
import type { Run } from './run.ts';
import type { FaultName } from './schedule.ts';

/** A run in four numbers. */
export interface Figures {
  /** What reached the bot late, and what never did. */
  readonly lateDelivered: number;
  /** Calls that gave the bot an error, or nothing at all. */
  readonly errors: number;
  /** How long the bot waited on average, in milliseconds. */
  readonly meanMs: number;
  /** How long it waited at most in 99 % of its calls, in milliseconds. */
  readonly p99Ms: number;
}

/** A trip of a breaker. */
export interface Trip {
  readonly breaker: string;
  readonly reason: string;
  /** The fault that it answered; null when none was injected then. */
  readonly fault: FaultName | null;
  /** From the injection of the fault to the trip, in milliseconds; null without a fault. */
  readonly timeToTripMs: number | null;
}

/** A breaker may trip on the last victims of a fault that has just ended, within its budget and a little. In milliseconds. */
const AFTERMATH_MS = 100;

/** Counts a finished run. */
export function figuresOf(run: Run): Figures {
  const { log } = run;
  const took = waits(log, 0);
  const unanswered = log.calls - log.answered;
  return {
    lateDelivered: log.late + unanswered,
    errors: log.sources.error + unanswered,
    meanMs: round(took.reduce((total, value) => total + value, 0) / Math.max(1, took.length)),
    p99Ms: round(percentile(took, 0.99)),
  };
}

/** Sorted waiting times of the calls from one number on, in milliseconds; calls that still wait are left out. */
export function waits(log: CallLog, fromCall: number): Float64Array {
  const took = new Float64Array(log.calls - fromCall);
  let count = 0;
  for (let call = fromCall; call < log.calls; call++) {
    const { tookMs } = log.at(call);
    if (tookMs !== undefined) took[count++] = tookMs;
  }
  return took.subarray(0, count).sort();
}

/** The value that this share of the sorted values does not exceed; 0 without values. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Every trip of a run (closed to open; a trial that fails is none), with the fault that it answered. */
export function tripsOf(run: Run): Trip[] {
  return run.changes
    .filter(({ from, to }) => from === 'closed' && to === 'open')
    .map(({ atMs, breaker, reason }) => {
      const window = run.faults.find(({ startMs, endMs }) => atMs >= startMs && atMs <= endMs + AFTERMATH_MS);
      return {
        breaker,
        reason,
        fault: window?.fault ?? null,
        timeToTripMs: window === undefined ? null : round(atMs - window.startMs),
      };
    });
}

/** From the end of a fault until the breaker was closed again, in milliseconds; null when it was not, or had never tripped. */
export function recoveredMs(run: Run, fault: FaultWindow | undefined): number | null {
  if (fault === undefined) return null;
  const closed = run.changes.find(({ atMs, to }) => to === 'closed' && atMs >= fault.startMs);
  return closed === undefined ? null : round(Math.max(0, closed.atMs - fault.endMs));
}

/** Calls of a run by who answered them, in time or not, from one time to another. */
export function service(
  run: Run,
  fromMs: number,
  toMs: number,
): { calls: number; late: number; byModelInTime: number } & Record<Source, number> {
  const counts = { calls: 0, late: 0, byModelInTime: 0, model: 0, rejected: 0, failed: 0, error: 0 };
  for (const { tookMs, source } of run.log.between(fromMs, toMs)) {
    counts.calls++;
    counts[source ?? 'error']++;
    const late = tookMs === undefined || tookMs > LATE_MS;
    if (late) counts.late++;
    else if (source === 'model') counts.byModelInTime++;
  }
  return counts;
}

/** To two decimals. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
