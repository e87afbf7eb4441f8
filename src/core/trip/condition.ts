import type { ConditionVerdict } from '../verdict.ts';

/** How a condition stands, for snapshots. */
export interface ConditionSnapshot {
  /** Its name in the options. */
  readonly condition: ConditionVerdict['reason'];
  /** What it measures: failures in a row, or a share of 0..1. */
  readonly value: number;
  /** At which value it trips. */
  readonly threshold: number;
  /** Results it is judged on. */
  readonly calls: number;
}

/** A trip condition: results in, verdict out. One file each. */
export interface TripCondition {
  /** Takes a result in; true when the condition is met now. */
  record(failed: boolean, durationMs: number, nowMs: number): boolean;
  /** Over this duration a call is slow; Infinity where the condition does not look at durations. */
  readonly slowerThanMs: number;
  /** Why it was met: asked for right after `record` returned true. */
  verdict(): ConditionVerdict;
  /** How it stands. */
  snapshot(nowMs: number): ConditionSnapshot;
  /** Forgets everything. */
  clear(): void;
}
