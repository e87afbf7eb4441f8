import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Outcome } from '../core/outcome.ts';
import { UNJUDGED } from '../core/permit.ts';
import type { RejectionReason } from '../core/state.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import { type BreakerEntry, countIgnored } from '../policy/registry.ts';
import { type CallRecord, FAILED, REPORTED_FAILURE, STALE, SUCCEEDED, TOLD } from './call-record.ts';
import { endedCause, hasGivenUp, ignoredCause, judgeStatus, staleCause } from './outcome.ts';
import { pushbackOf } from './pushback.ts';

/** Deadlines that a dependency may miss in a row as "this process was busy" before they count: a busy client must not be blind to a dead server. */
const STALLS_IGNORED = 50;

/** What a deadline may be early by, in milliseconds: it is set by the wall clock, which has whole ones. */
const EARLY_MS = 2;

/** The server asked for nothing. */
const NO_PUSHBACK = -1;

/** Of a stream that is still open. */
const NO_STATUS: StatusObject = { code: Status.UNKNOWN, details: '', metadata: new Metadata() };

/** How a call ends whose deadline passes. */
const MISSED: StatusObject = { code: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded', metadata: new Metadata() };

/** Takes in that the first message of a stream came. */
export function hearAnswer(call: CallRecord): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const { clock, inFlight, recorder } = binding.context;
  try {
    const now = clock.now();
    call.latencyMs = inFlight.stalls.heldUp(call, now) ? -1 : now - call.askedMs;
    recorder?.callAnswered(call, now);
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
  const isLate = code === Status.OK && now - call.startedMs > binding.staleAfterMs;
  if (isLate) {
    cause = staleCause(call, binding.staleAfterMs, now);
    code = Status.DEADLINE_EXCEEDED;
    call.findings |= STALE;
  } else if (code === Status.DEADLINE_EXCEEDED && endedByStaleAfter(call, now)) call.findings |= STALE;
  if (cause === 'clientStall' && isOneTooMany(call, entry)) cause = undefined;

  const isFailure = isLate || found === 'cancelled';
  const outcome = cause !== undefined ? 'ignored' : isFailure ? 'failure' : judgeStatus(status, call, now);
  const isFailed = outcome === 'failure' || cause === 'clientStall' || cause === 'shortBudget';
  if (isFailed && found !== 'cancelled') call.findings |= FAILED;
  if (outcome === 'success') call.findings |= SUCCEEDED;
  conclude(call, entry, outcome, cause, code, latencyMs, status, now);
}

/**
 * Observing: takes in that enforcement would have ended a call by its policy's deadline, now or a little before.
 * @returns the status that it would have ended with
 */
export function settleMissed(call: CallRecord, nowMs: number): StatusObject {
  const { binding, entry, startedMs, askedMs, messages } = call;
  if (entry === undefined) return MISSED;
  const { judgedDeadlineMs, staleAfterMs, isResponseStream } = binding;
  if (judgedDeadlineMs === staleAfterMs) call.findings |= STALE;
  // Where its key waited so long for the request, nobody was asked.
  let cause = askedMs - startedMs >= judgedDeadlineMs ? 'deadlinePast' : endedCause(call, judgedDeadlineMs, nowMs);
  if (cause === 'clientStall' && isOneTooMany(call, entry)) cause = undefined;
  const outcome = cause === undefined ? judgeStatus(MISSED, call, nowMs) : 'ignored';
  if (outcome === 'failure' || cause === 'clientStall' || cause === 'shortBudget') call.findings |= FAILED;
  let latencyMs = latencyOf(call, nowMs);
  // Under enforcement it would not have taken longer.
  if (latencyMs >= 0 && !(isResponseStream && messages > 0)) {
    latencyMs = Math.max(0, Math.min(latencyMs, startedMs + judgedDeadlineMs - askedMs));
  }
  conclude(call, entry, outcome, cause, MISSED.code, latencyMs, MISSED, nowMs);
  return MISSED;
}

function conclude(
  call: CallRecord,
  entry: BreakerEntry,
  outcome: Outcome,
  cause: IgnoredCause | undefined,
  code: number,
  latencyMs: number,
  status: StatusObject,
  nowMs: number,
): void {
  if (outcome === 'success' && call.permitGeneration !== UNJUDGED) entry.stallsIgnored = 0;
  else if (outcome === 'ignored' && !call.is(TOLD)) countIgnored(entry, cause ?? 'classified');
  const why = outcome === 'ignored' ? (cause ?? 'classified') : undefined;
  tell(call, entry, outcome, why, code, latencyMs, status, nowMs);
}

/** Counts a deadline that this process may have missed itself; true where there have been too many in a row to believe it. */
function isOneTooMany(call: CallRecord, entry: BreakerEntry): boolean {
  return call.permitGeneration !== UNJUDGED && ++entry.stallsIgnored > STALLS_IGNORED;
}

/** Tells the breaker that a stream was cancelled because its messages did not come in time; observing, that it would have been. */
export function settleOverdue(call: CallRecord, status: StatusObject): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const now = binding.context.clock.now();
  const latencyMs = latencyOf(call, now);
  binding.context.inFlight.end(call, entry);
  call.findings |= FAILED;
  tell(call, entry, 'failure', undefined, status.code, latencyMs, status, now);
}

/** Takes in that a message of a stream reported a failure. The stream may stay open for long: its breaker hears of it now, and no more of this call. */
export function settleReported(call: CallRecord): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  try {
    const now = binding.context.clock.now();
    tell(call, entry, 'failure', undefined, Status.UNKNOWN, latencyOf(call, now), NO_STATUS, now);
  } catch (error) {
    binding.warnOnce(`judging a call of ${binding.method} failed; the call goes on`, error);
  }
}

/** Tells those who look on that a call was refused. */
export function tellRejected(
  call: CallRecord,
  entry: BreakerEntry,
  reason: RejectionReason,
  nowMs: number,
  leftMs: number,
): void {
  const { observer, recorder } = call.binding.context;
  observer.callRejected(call.observed, entry, reason);
  recorder?.callRejected(call, entry, reason, nowMs, leftMs);
}

function tell(
  call: CallRecord,
  entry: BreakerEntry,
  outcome: Outcome,
  cause: IgnoredCause | undefined,
  code: number,
  latencyMs: number,
  status: StatusObject,
  now: number,
): void {
  if (call.is(TOLD)) return;
  call.findings |= TOLD;
  // Enforcement would not hear what becomes of calls that it would have refused.
  const isJudged = call.permitGeneration !== UNJUDGED;
  const { observer, recorder } = call.binding.context;
  const pushbackMs = outcome === 'failure' && isJudged ? pushbackOf(status) : NO_PUSHBACK;
  observer.callEnded(call.observed, entry, outcome, code, latencyMs, isJudged);
  recorder?.callEnded(call, entry, outcome, code, cause, latencyMs, pushbackMs, now);
  if (pushbackMs > 0) entry.breaker.pushBack(pushbackMs, now);
  entry.breaker.settle(call, outcome, latencyMs, now, code);
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
  binding.context.recorder?.callEnded(call, entry, 'ignored', -1, cause, 0, NO_PUSHBACK, call.startedMs);
  entry.breaker.settle(call, 'ignored', 0, call.startedMs);
}

/** How long the dependency took to answer; below 0 where this process held the call up. */
function latencyOf(call: CallRecord, nowMs: number): number {
  if (call.messages > 0 && call.binding.isResponseStream) return call.latencyMs;
  return call.binding.context.inFlight.stalls.heldUp(call, nowMs) ? -1 : nowMs - call.askedMs;
}
