import type { Goal } from '../goals/goal.ts';
import type { Summary } from './summary.ts';
import type { Comparison } from './totals.ts';

/** Everything that a run has to say. */
export interface Report {
  /** How it was started. */
  readonly command: string;
  readonly seeds: readonly number[];
  /** Options of ours over a policy's defaults. */
  readonly options: unknown;
  readonly results: readonly Summary[];
  readonly comparisons: readonly Comparison[];
  readonly goals: readonly Goal[];
}
