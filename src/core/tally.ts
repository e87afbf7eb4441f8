import type { Outcome } from './outcome.ts';
import type { CallCounts } from './snapshot.ts';
import type { RejectionReason } from './state.ts';

const NONE_REJECTED: Readonly<Record<RejectionReason, number>> = {
  open: 0,
  halfOpen: 0,
  ramp: 0,
  shed: 0,
  concurrency: 0,
  forced: 0,
};

/** Counts a breaker's calls, in plain numbers that anyone may read at any time. */
export class Tally {
  inFlight = 0;
  /** Those under way whose results are not judged. */
  unjudged = 0;
  success = 0;
  failure = 0;
  ignored = 0;
  /** Refused calls by reason; made at the first one. */
  #rejected: Record<RejectionReason, number> | undefined;
  /** The same of those that mode `observe` let through all the same. */
  #wouldReject: Record<RejectionReason, number> | undefined;

  /** Calls under way that enforcement would have let through too. */
  get judged(): number {
    return this.inFlight - this.unjudged;
  }

  /** Counts how a call ended. By branches: `this[outcome]++`, whose key changes from call to call, takes 9 ns more (measured). */
  end(outcome: Outcome): void {
    this.inFlight--;
    if (outcome === 'success') this.success++;
    else if (outcome === 'failure') this.failure++;
    else this.ignored++;
  }

  /** Counts a refused call. */
  reject(reason: RejectionReason): void {
    this.#rejected ??= { ...NONE_REJECTED };
    this.#rejected[reason]++;
  }

  /** Counts a call that enforcement would have refused. */
  wouldReject(reason: RejectionReason): void {
    this.#wouldReject ??= { ...NONE_REJECTED };
    this.#wouldReject[reason]++;
  }

  /** The counts as they are now. */
  counts(): CallCounts {
    const { success, failure, ignored } = this;
    const rejected = { ...(this.#rejected ?? NONE_REJECTED) };
    return { success, failure, ignored, rejected, wouldReject: { ...(this.#wouldReject ?? NONE_REJECTED) } };
  }
}
