import { status as Status, type StatusObject } from '@grpc/grpc-js';
import type { CallRecord } from './call-record.ts';
import { ignoredCause, judgeStatus } from './outcome.ts';

/** Deadlines that a dependency may miss in a row as "this process was busy" before they count: a busy client must not be blind to a dead server. */
const STALLS_IGNORED = 50;

/**
 * Tells the breaker how a call ended.
 * @returns whether the call failed for its caller through no fault of theirs, so that a fallback may answer
 */
export function settleCall(call: CallRecord, status: StatusObject): boolean {
  const { binding, entry, observed, startedMs, askedMs, firstMessageMs } = call;
  const { policy, context } = binding;
  if (entry === undefined) return false;
  const now = context.clock.now();
  const durationMs = now - startedMs;
  let cause = status.code === Status.OK ? undefined : ignoredCause(status, call, durationMs);
  if (cause === 'clientStall' && ++entry.stallsIgnored > STALLS_IGNORED) cause = undefined;
  let outcome = cause === undefined ? judgeStatus(status, call, durationMs) : 'ignored';
  // Observing, the policy's deadline is not set, but judged as if it had been.
  const isShadow = binding.ownDeadlineMs === Infinity && durationMs > policy.deadlineMs;
  if (isShadow && (cause === undefined || cause === 'cancelled')) outcome = 'failure';
  if (outcome === 'success') entry.stallsIgnored = 0;
  const evidenceMs = (firstMessageMs >= 0 ? firstMessageMs : now) - askedMs;
  context.observer.callEnded(observed, entry, outcome, status.code, evidenceMs);
  entry.breaker.settle(call, outcome, evidenceMs, now);
  return outcome === 'failure' || cause === 'clientStall';
}
