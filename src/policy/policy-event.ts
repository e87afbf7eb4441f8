import type { ConfigProblem } from '../core/errors.ts';

/** One thing in which two policies differ. */
export interface PolicyChange {
  /** Where it stands in the new policy (in the old one where it is gone), such as `methods[0].trip.failureRate.threshold`. */
  readonly path: string;
  /** What stood there, as in a document; undefined where there was nothing. */
  readonly from: unknown;
  /** What stands there now; undefined where there is nothing any more. */
  readonly to: unknown;
}

/** Another policy was applied, or was refused whole and changed nothing. */
export interface PolicyEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'policy';
  /** Whether it holds from now on. */
  readonly result: 'applied' | 'refused';
  /** Where it came from, such as `policy breakers.yaml`. */
  readonly source: string;
  /** What is different; empty where it was refused. */
  readonly changes: readonly PolicyChange[];
  /** Why it was refused. */
  readonly problems: readonly ConfigProblem[];
  /** Breakers that went on, with their state. */
  readonly kept: number;
  /** Breakers that ended: no policy is for them any more, it is off, or its keys are others. */
  readonly ended: number;
  /** When, on the clock, in milliseconds. */
  readonly atMs: number;
}
