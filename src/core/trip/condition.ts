import type { ConditionVerdict } from '../verdict.ts';
import type { BaselineSnapshot, LatencySnapshot } from './learned.ts';

/** How a condition stands, for snapshots. */
export interface ConditionSnapshot {
  /** Its name in the options. */
  readonly condition: ConditionVerdict['reason'];
  /** What it measures: failures in a row, a share of 0..1, a percentile in milliseconds, or (`adaptive`) the strongest evidence in nats. */
  readonly value: number;
  /** At which value it trips. */
  readonly threshold: number;
  /** Results it is judged on. */
  readonly calls: number;
  /** A call that takes longer is slow; undefined where nothing looks at durations, or no limit is known yet. */
  readonly slowerThanMs?: number | undefined;
  /** What is usual, with `adaptive`. */
  readonly baseline?: BaselineSnapshot | undefined;
  /** Latency percentiles, with `latencySlo`; undefined while its window is empty. */
  readonly latency?: LatencySnapshot | undefined;
}

/**
 * A trip condition: results in, verdict out. One file each. A duration below 0 is one that is not known, because this process itself
 * held the call up: such a result says nothing of slowness.
 */
export interface TripCondition {
  /** Its name in the options. */
  readonly name: ConditionVerdict['reason'];
  /**
   * Takes a result in; true when the condition is met now.
   * @param wasSlow - the call was counted as slow by `recordSlow` while it was under way: its slowness does not count again
   */
  record(failed: boolean, durationMs: number, nowMs: number, wasSlow: boolean): boolean;
  /** Takes in that a call still under way is older than `slowerThanMs`, told once a call; true when the condition is met now. */
  recordSlow(nowMs: number): boolean;
  /** From this age on a call under way is out of the question for a short burst; undefined where that makes no difference. */
  readonly overdueAfterMs?: number;
  /** Takes in that a call still under way is older than `overdueAfterMs`, told once a call; true when the condition is met now. */
  recordOverdue?(nowMs: number): boolean;
  /** Over this duration a call is slow; Infinity where the condition does not look at durations. It may change with time. */
  readonly slowerThanMs: number;
  /** Nobody would miss what it remembers. */
  isSpotless(nowMs: number): boolean;
  /** Why it was met: asked for right after `record` or `recordSlow` returned true. */
  verdict(nowMs: number): ConditionVerdict;
  /** How it stands. */
  snapshot(nowMs: number): ConditionSnapshot;
  /** Forgets the evidence, not what it has learned of the dependency's usual ways. */
  clear(): void;
  /** Forgets what it has learned, too; where nothing is learned, `clear` is enough. */
  forget?(): void;
}
