import type { Outcome } from '../core/outcome.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import { CAUSES, KIND } from './format.ts';
import { configText, type LanePolicy, replayKey } from './lane-policy.ts';
import type { BreakerLedger } from './ledger.ts';
import type { RecordedBreaker, ReplayCall } from './replay-call.ts';

const DEADLINE_EXCEEDED = 4;
const CANCELLED = KIND.ignored + CAUSES.indexOf('cancelled');
const SHORT_BUDGET = KIND.ignored + CAUSES.indexOf('shortBudget');

/** What a deadline may be off by, in microseconds: a caller's is set by the wall clock, which has whole milliseconds. */
const EARLY_US = 2_000;

/** What a policy says of the calls of a recorded breaker and method. */
export class LaneMethod {
  readonly policy: MethodPolicy | undefined;
  readonly key: string;
  /** Live, its breaker was configured in the same way. */
  readonly isSame: boolean;
  /** Infinity for none. */
  readonly deadlineUs: number;
  readonly watchesLatency: boolean;
  /** Where its calls are counted while no breaker is for them. */
  outside: BreakerLedger | undefined;

  /** @throws RecordingError where its key cannot be made */
  constructor(lane: LanePolicy, recorded: RecordedBreaker) {
    const found = lane.matcher.find(recorded.method);
    const policy = found?.breaker.mode === 'off' ? undefined : found;
    this.policy = policy;
    this.key = policy === undefined ? '' : replayKey(policy, recorded);
    this.isSame = policy !== undefined && configText(policy.breaker) === recorded.config;
    const staleAfterMs = recorded.stream === true ? Infinity : (policy?.staleAfterMs ?? Infinity);
    this.deadlineUs = Math.min(policy?.deadlineMs ?? Infinity, staleAfterMs) * 1000;
    const trip = policy?.breaker.trip;
    this.watchesLatency = trip?.adaptive !== undefined || trip?.latencySlo !== undefined || trip?.slowCallRate !== undefined;
  }

  /** From its start a call has so many microseconds under this policy, where that is less than it had live; else Infinity. */
  limitOf(call: ReplayCall): number {
    return this.deadlineUs < call.deadlineUs - EARLY_US ? this.deadlineUs : Infinity;
  }

  /** The policy's deadline ends it before its recorded end. */
  endsEarly(call: ReplayCall): boolean {
    return call.endUs - call.startUs > this.limitOf(call);
  }

  /** How a call counts that ends as it was recorded. */
  outcomeOf(call: ReplayCall, usualLatencyMs: number | undefined): Outcome {
    const { policy } = this;
    const { kind, code } = call;
    if (policy === undefined) return recordedOutcome(kind);
    if (kind === KIND.success || kind === KIND.failure || kind === SHORT_BUDGET) {
      if (code === DEADLINE_EXCEEDED && this.#isShort(call, usualLatencyMs)) return 'ignored';
      return policy.failureCodes.has(code) ? 'failure' : 'success';
    }
    if (kind === CANCELLED && this.#hasGivenUp(call)) return 'failure';
    return recordedOutcome(kind);
  }

  /** How a call counts that this policy's deadline ends. */
  outcomeOfLimit(call: ReplayCall, usualLatencyMs: number | undefined): Outcome {
    if (this.policy?.failureCodes.has(DEADLINE_EXCEEDED) !== true) return 'success';
    return this.#isShort(call, usualLatencyMs) ? 'ignored' : 'failure';
  }

  /** Nobody could have met its deadline. */
  #isShort(call: ReplayCall, usualLatencyMs = 0): boolean {
    const minBudget = this.policy?.minBudget ?? 0;
    const leastMs = minBudget === 'auto' ? usualLatencyMs / 2 : minBudget;
    return Math.min(call.deadlineUs, this.deadlineUs) < leastMs * 1000;
  }

  /** Its caller cancelled because it had waited long enough. */
  #hasGivenUp(call: ReplayCall): boolean {
    const { cancelledAfterMs = Infinity } = this.policy ?? {};
    if (cancelledAfterMs === Infinity) return false;
    return (call.endUs - call.askedUs) / 1000 >= cancelledAfterMs - Math.min(20, cancelledAfterMs / 10);
  }
}

/** How a call counted when it was recorded. */
export function recordedOutcome(kind: number): Outcome {
  if (kind >= KIND.ignored) return 'ignored';
  return kind === KIND.failure || kind === KIND.otherFailure ? 'failure' : 'success';
}
