import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Outcome } from '../core/outcome.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import { type BreakerEntry, countIgnored } from '../policy/registry.ts';
import { type CallRecord, FAILED, REPORTED_FAILURE, STALE, SUCCEEDED, TOLD } from './call-record.ts';
import { hasGivenUp, ignoredCause, judgeStatus, missedCause, staleCause } from './outcome.ts';
import { pushbackOf } from './pushback.ts';

/** Deadlines that a dependency may miss in a row as "this process was busy" before they count: a busy client must not be blind to a dead server. */
const STALLS_IGNORED = 50;

/** What a deadline may be early by, in milliseconds: it is set by the wall clock, which has whole ones. */
const EARLY_MS = 2;

/** Of a stream that is still open. */
const NO_STATUS: StatusObject = { code: Status.UNKNOWN, details: '', metadata: new Metadata() };

/** Takes in that the first message of a stream came. */
export function hearAnswer(call: CallRecord): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const { clock, inFlight } = binding.context;
  try {
    const now = clock.now();
    call.latencyMs = inFlight.stalls.heldUp(call, now) ? -1 : now - call.askedMs;
    // Only a trial has anything to tell: fractions handed on cost each call two places on the heap. A closed breaker hears of a stream once, when
    // it ends: a success counted now would hide a failure that comes later.
    if (call.permitTrial >= 0 && binding.policy.stream.succeedsAtFirstMessage && !call.is(REPORTED_FAILURE)) {
      entry.breaker.answered(call, call.latencyMs, now);
    }
  } catch (error) {
    binding.warnOnce(`judging a call of ${binding.method} failed; the call goes on`, error);
  }
  inFlight.end(call, entry);
}

/** Tells the breaker how a call ended, and notes it on the call. */
export function settleCall(call: CallRecord, status: StatusObject): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const now = binding.context.clock.now();
  const latencyMs = latencyOf(call, now);
  binding.context.inFlight.end(call, entry);

  let { code } = status;
  const found = code === Status.OK ? undefined : ignoredCause(status, call, now);
  let cause = found;
  if (cause === 'cancelled' && hasGivenUp(status, call, now)) cause = undefined;
  const missed = binding.judgedDeadlineMs === Infinity ? 0 : missedLimit(call, code, cause, now);
  if (missed > 0) {
    cause = call.is(STALE) ? staleCause(call, missed, now) : missedCause(call, missed, now);
    code = Status.DEADLINE_EXCEEDED;
  } else if (code === Status.DEADLINE_EXCEEDED && endedByStaleAfter(call, now)) call.findings |= STALE;
  if (cause === 'clientStall' && ++entry.stallsIgnored > STALLS_IGNORED) cause = undefined;

  const isFailure = missed > 0 || found === 'cancelled';
  const outcome = cause !== undefined ? 'ignored' : isFailure ? 'failure' : judgeStatus(status, call, now);
  const isFailed = outcome === 'failure' || cause === 'clientStall' || cause === 'shortBudget';
  if (isFailed && found !== 'cancelled') call.findings |= FAILED;
  if (outcome === 'success') call.findings |= SUCCEEDED;
  if (outcome === 'success') entry.stallsIgnored = 0;
  else if (outcome === 'ignored' && !call.is(TOLD)) countIgnored(entry, cause ?? 'classified');
  tell(call, entry, outcome, code, latencyMs, status, now);
}

/** Tells the breaker that a stream was cancelled because its messages did not come in time. */
export function settleOverdue(call: CallRecord, status: StatusObject): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const now = binding.context.clock.now();
  const latencyMs = latencyOf(call, now);
  binding.context.inFlight.end(call, entry);
  call.findings |= FAILED;
  tell(call, entry, 'failure', status.code, latencyMs, status, now);
}

/** Takes in that a message of a stream reported a failure. The stream may stay open for long: its breaker hears of it now, and no more of this call. */
export function settleReported(call: CallRecord): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  try {
    const now = binding.context.clock.now();
    tell(call, entry, 'failure', Status.UNKNOWN, latencyOf(call, now), NO_STATUS, now);
  } catch (error) {
    binding.warnOnce(`judging a call of ${binding.method} failed; the call goes on`, error);
  }
}

function tell(
  call: CallRecord,
  entry: BreakerEntry,
  outcome: Outcome,
  code: number,
  latencyMs: number,
  status: StatusObject,
  now: number,
): void {
  if (call.is(TOLD)) return;
  call.findings |= TOLD;
  call.binding.context.observer.callEnded(call.observed, entry, outcome, code, latencyMs);
  if (outcome === 'failure') entry.breaker.pushBack(pushbackOf(status), now);
  entry.breaker.settle(call, outcome, latencyMs, now, code);
}

/**
 * The limit that an answer missed though no deadline of its own ended the call, in milliseconds; 0 for none. Observing, the policy's limits are not
 * set, but judged as if they had been; enforcing, an answer can come with OK and be too late to be delivered.
 */
function missedLimit(call: CallRecord, code: Status, cause: IgnoredCause | undefined, nowMs: number): number {
  const { ownDeadlineMs, judgedDeadlineMs, staleAfterMs } = call.binding;
  const ageMs = nowMs - call.startedMs;
  if (ownDeadlineMs === Infinity && ageMs > judgedDeadlineMs && (cause === undefined || cause === 'cancelled'))
    return judgedDeadlineMs;
  if (code !== Status.OK || !(ageMs > staleAfterMs)) return 0;
  call.findings |= STALE;
  return staleAfterMs;
}

/** Whether a call that missed a deadline missed `staleAfter`: the server can have missed one of its own long before. */
function endedByStaleAfter({ binding, budgetMs, startedMs }: CallRecord, nowMs: number): boolean {
  return budgetMs === binding.staleAfterMs && nowMs - startedMs > budgetMs - EARLY_MS;
}

/** Ends a call whose end nobody could judge. */
export function settleUnjudged(call: CallRecord, cause: IgnoredCause): void {
  const { entry, binding } = call;
  if (entry === undefined) return;
  binding.context.inFlight.end(call, entry);
  countIgnored(entry, cause);
  entry.breaker.settle(call, 'ignored', 0, call.startedMs);
}

/** How long the dependency took to answer; below 0 where this process held the call up. */
function latencyOf(call: CallRecord, nowMs: number): number {
  if (call.messages > 0 && call.binding.isResponseStream) return call.latencyMs;
  return call.binding.context.inFlight.stalls.heldUp(call, nowMs) ? -1 : nowMs - call.askedMs;
}
