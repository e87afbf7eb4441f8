import { status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Outcome } from '../core/outcome.ts';
import { silence } from '../core/silence.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import type { Classify } from '../policy/policy.ts';
import { type CallRecord, REPORTED_FAILURE } from './call-record.ts';
import { judgedBudgetMs } from './deadline.ts';
import { STALL_MS } from './stalls.ts';

/** What a deadline timer is late by when nothing holds it up, at most, in milliseconds: timers have whole milliseconds. */
const TIMER_MS = 2;

/** What grpc-js says when the fault lies on this side; all with empty metadata. */
const LOCAL_FAULTS: readonly (readonly [code: number, details: string, cause: IgnoredCause])[] = [
  [Status.RESOURCE_EXHAUSTED, 'Attempted to send message', 'requestTooLarge'],
  [Status.RESOURCE_EXHAUSTED, 'Received message larger than max', 'responseTooLarge'],
  [Status.RESOURCE_EXHAUSTED, 'Received message that decompresses to a size larger', 'responseTooLarge'],
  [Status.INTERNAL, 'Request message serialization failure:', 'requestNotSerializable'],
  [Status.INTERNAL, 'Response message parsing error:', 'responseNotParsable'],
  [Status.INTERNAL, '"authorization" metadata cannot have multiple values', 'credentials'],
];

/** What grpc-js says when the call that this one was made in is cancelled, or misses its deadline. */
const PARENT_CANCELLED = 'Cancelled by parent call';

/** Call credentials fail with whatever code their error has, and behind a prefix where gRPC forbids that code. */
const CREDENTIALS_FAULT = 'Getting metadata from plugin failed';

/** The server itself sent this status: its trailers came without headers before them, and carry a content-type. */
function serverSpoke(status: StatusObject): boolean {
  // Interceptors below may make a status without metadata, whatever its type says.
  return (status.metadata as StatusObject['metadata'] | undefined)?.get('content-type').length === 1;
}

/** Why a call's end says nothing about the dependency; undefined when it does say something. */
export function ignoredCause(status: StatusObject, call: CallRecord, nowMs: number): IgnoredCause | undefined {
  const { code } = status;
  const details = (status.details as string | undefined) ?? '';
  if (code === Status.OK) return undefined;
  // A server that keeps the deadline itself was told the same one, and may still wait for a request that is held up here.
  if (serverSpoke(status)) return code === Status.DEADLINE_EXCEEDED ? missedCause(call, judgedBudgetMs(call), nowMs) : undefined;
  if (details.includes(CREDENTIALS_FAULT)) return 'credentials';
  if (code === Status.DEADLINE_EXCEEDED) return deadlineCause(call, nowMs);
  if (call.cancelledWith === code) return 'cancelled';
  if (code === Status.CANCELLED) return cancelCause(details, call, nowMs);
  return LOCAL_FAULTS.find(([faultCode, text]) => code === faultCode && details.startsWith(text))?.[2];
}

function deadlineCause(call: CallRecord, nowMs: number): IgnoredCause | undefined {
  const { budgetMs, startedMs } = call;
  if (budgetMs > 0 && nowMs - startedMs - budgetMs > stallLimitMs(call)) return 'clientStall';
  return endedCause(call, budgetMs, nowMs);
}

/** Why a deadline that ended a call, so many milliseconds after the start, says nothing of the dependency. */
export function endedCause(call: CallRecord, budgetMs: number, nowMs: number): IgnoredCause | undefined {
  const cause = missedCause(call, budgetMs, nowMs);
  if (cause !== undefined) return cause;
  // All that a stream's consumer asked for has come.
  return call.binding.isResponseStream && call.messages >= call.reads ? 'consumerStall' : undefined;
}

/** A deadline that fires so late was held up by this process. Where milliseconds count, a quarter of the deadline is much. */
function stallLimitMs({ budgetMs, binding }: CallRecord): number {
  return binding.staleAfterMs === Infinity ? STALL_MS : Math.min(STALL_MS, Math.max(5, budgetMs / 4));
}

/**
 * Why an answer that came under status OK, but later than `staleAfter` allows, says nothing about the dependency; undefined where it was
 * the dependency that was late. The deadline's own timer is the witness: had this process been free, it would have ended the call.
 */
export function staleCause(call: CallRecord, staleAfterMs: number, nowMs: number): IgnoredCause | undefined {
  const cause = missedCause(call, staleAfterMs, nowMs);
  return cause ?? (nowMs - call.startedMs - staleAfterMs > TIMER_MS ? 'clientStall' : undefined);
}

/** Why a deadline that was missed, so many milliseconds after the start, says nothing: this process was blocked then, or for more than half of the time. */
function missedCause(call: CallRecord, budgetMs: number, nowMs: number): IgnoredCause | undefined {
  if (budgetMs === Infinity) return undefined;
  const { stalls } = call.binding.context.inFlight;
  const isStalled = stalls.covers(call.startedMs + budgetMs, nowMs) || stalls.lateFor(call, nowMs) > budgetMs / 2;
  return budgetMs > 0 && isStalled ? 'clientStall' : budgetCause(call, budgetMs);
}

/** Why nobody could have met a deadline. */
function budgetCause({ binding, entry }: CallRecord, budgetMs: number): IgnoredCause | undefined {
  if (budgetMs <= 0) return 'deadlinePast';
  const { minBudget } = binding.policy;
  const leastMs = minBudget === 'auto' ? (entry?.breaker.usualLatencyMs ?? 0) / 2 : minBudget;
  return budgetMs < leastMs ? 'shortBudget' : undefined;
}

/**
 * A cancel that the server did not send as its status comes from the caller, from the parent call it was made in, or from a connection
 * that is being torn down (`Call cancelled`). After headers, with any other text, it is the server's own.
 */
function cancelCause(details: string, call: CallRecord, nowMs: number): IgnoredCause | undefined {
  if (details === PARENT_CANCELLED) return parentDeadlinePassed(call, nowMs) ? deadlineCause(call, nowMs) : 'cancelled';
  const isServers = call.cancelledWith === undefined && call.sawHeaders && details !== 'Call cancelled';
  return isServers ? undefined : 'cancelled';
}

/**
 * Whether a caller, or the parent call, cancelled because it had waited long enough. Its timer may have begun a little before the call, and
 * fire a little early.
 */
export function hasGivenUp({ details }: StatusObject, call: CallRecord, nowMs: number): boolean {
  const { policy, isResponseStream } = call.binding;
  const { cancelledAfterMs } = policy;
  if (cancelledAfterMs === Infinity || !call.isAsked) return false;
  // A null stands for no answer.
  if (call.messages > 0 && (isResponseStream || call.lastMessage !== null)) return false;
  if (call.cancelledWith === undefined && details !== PARENT_CANCELLED) return false;
  const waitedMs = nowMs - call.askedMs - call.binding.context.inFlight.stalls.lateFor(call, nowMs);
  return waitedMs >= cancelledAfterMs - Math.min(20, cancelledAfterMs / 10);
}

/**
 * A parent's deadline arrives as a cancel, when the budget, which includes it, is used up: or a little before, because the parent's
 * clock began with its own caller's.
 */
function parentDeadlinePassed(call: CallRecord, nowMs: number): boolean {
  const { startedMs } = call;
  const budgetMs = judgedBudgetMs(call);
  return budgetMs > 0 && nowMs - startedMs >= budgetMs - Math.min(20, budgetMs / 10);
}

/** How a call that says something counts: by the policy's function, else by its status codes. */
export function judgeStatus(status: StatusObject, call: CallRecord, nowMs: number): Outcome {
  const { policy } = call.binding;
  const outcome = policy.classify === undefined ? undefined : classify(policy.classify, status, call);
  if (outcome !== undefined) return outcome;
  if (call.is(REPORTED_FAILURE)) return 'failure';
  const isParentDeadline = status.details === PARENT_CANCELLED && parentDeadlinePassed(call, nowMs) && !serverSpoke(status);
  return policy.failureCodes.has(isParentDeadline ? Status.DEADLINE_EXCEEDED : status.code) ? 'failure' : 'success';
}

/** Whether a response message reports a failure, as the policy's `failureWhen` says. What throws says no. */
export function reportsFailure({ binding }: CallRecord, message: unknown): boolean {
  const { failureWhen, path } = binding.policy;
  // A null stands for no response.
  if (failureWhen === undefined || message === null) return false;
  try {
    const answer: unknown = failureWhen(message);
    if (typeof answer === 'boolean') return answer;
    silence(answer, () => {});
    throw new TypeError('it returned something else than true or false');
  } catch (error) {
    binding.warnOnce(`${path}.failureWhen failed; the status decides`, error);
    return false;
  }
}

/** What the policy's function says; undefined where it leaves it to the codes, throws, or says something that is no outcome. */
function classify(judge: Classify, { code, details }: StatusObject, { binding, lastMessage }: CallRecord): Outcome | undefined {
  try {
    const outcome: unknown = judge({ code, details }, lastMessage);
    if (outcome === undefined || outcome === 'success' || outcome === 'failure' || outcome === 'ignored') return outcome;
    // An asynchronous one comes too late, and must not reject into the void either.
    silence(outcome, () => {});
    throw new TypeError('it returned something else than success, failure, ignored or undefined');
  } catch (error) {
    binding.warnOnce(`${binding.policy.path}.classify failed; the status codes decide`, error);
  }
  return undefined;
}
