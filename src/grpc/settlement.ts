import { status as Status, type StatusObject } from '@grpc/grpc-js';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import { countIgnored } from '../policy/registry.ts';
import type { CallRecord } from './call-record.ts';
import { hasGivenUp, ignoredCause, judgeStatus, missedCause } from './outcome.ts';
import { pushbackOf } from './pushback.ts';

/** Deadlines that a dependency may miss in a row as "this process was busy" before they count: a busy client must not be blind to a dead server. */
const STALLS_IGNORED = 50;

/** Takes in that the first message of a stream came. */
export function hearAnswer(call: CallRecord): void {
  const { binding, entry } = call;
  if (entry === undefined) return;
  const { clock, inFlight } = binding.context;
  try {
    const now = clock.now();
    call.latencyMs = inFlight.stalls.heldUp(call, now) ? -1 : now - call.askedMs;
    // Only a trial has anything to tell: fractions handed on cost each call two places on the heap.
    if (call.permitTrial >= 0) entry.breaker.answered(call, call.latencyMs, now);
  } catch (error) {
    binding.warnOnce(`judging a call of ${binding.method} failed; the call goes on`, error);
  }
  inFlight.end(call, entry);
}

/**
 * Tells the breaker how a call ended.
 * @returns whether the call failed for its caller through no fault of theirs, so that a fallback may answer
 */
export function settleCall(call: CallRecord, status: StatusObject): boolean {
  const { binding, entry, observed } = call;
  const { context, policy } = binding;
  if (entry === undefined) return false;
  const now = context.clock.now();
  const latencyMs = latencyOf(call, now);
  context.inFlight.end(call, entry);

  let { code } = status;
  const found = code === Status.OK ? undefined : ignoredCause(status, call, now);
  let cause = found;
  if (cause === 'cancelled' && hasGivenUp(status, call, now)) cause = undefined;
  // Observing, the policy's deadline is not set, but judged as if it had been.
  const isShadow = binding.ownDeadlineMs === Infinity && now - call.startedMs > policy.deadlineMs;
  const missed = isShadow && (cause === undefined || cause === 'cancelled');
  if (missed) cause = missedCause(call, policy.deadlineMs, now);
  if (missed) code = Status.DEADLINE_EXCEEDED;
  if (cause === 'clientStall' && ++entry.stallsIgnored > STALLS_IGNORED) cause = undefined;

  const isFailure = missed || found === 'cancelled';
  const outcome = cause !== undefined ? 'ignored' : isFailure ? 'failure' : judgeStatus(status, call, now);
  if (outcome === 'success') entry.stallsIgnored = 0;
  else if (outcome === 'ignored') countIgnored(entry, cause ?? 'classified');
  context.observer.callEnded(observed, entry, outcome, code, latencyMs);
  if (outcome === 'failure') entry.breaker.pushBack(pushbackOf(status), now);
  entry.breaker.settle(call, outcome, latencyMs, now, code);
  if (found === 'cancelled') return false;
  return outcome === 'failure' || cause === 'clientStall' || cause === 'shortBudget';
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
