import type { StatusObject } from '@grpc/grpc-js';
import type { BreakerEntry } from '../policy/registry.ts';
import { countWouldAnswer } from '../policy/shadow-counts.ts';
import { fallbackReason } from './call-ending.ts';
import { AWAITS_REQUEST, type CallRecord, PARTED, TOLD } from './call-record.ts';
import type { FallbackReason } from './fallback-delivery.ts';
import { settleMissed, settleOverdue } from './settlement.ts';
import type { MessageWait } from './stream-limits.ts';

// What a policy in mode `observe` would have done to its calls, told as it happens. From the moment at which enforcement would have refused or ended a
// call, what becomes of it is not what enforcement would see: the two have parted.

/** A call is let through whose result is not judged: enforcement would have refused it. */
export function wouldReject(call: CallRecord, entry: BreakerEntry, nowMs: number): void {
  // Off, nothing would have been refused.
  if (entry.breaker.mode !== 'observe') return;
  call.findings |= PARTED;
  const { observer, shadow } = call.binding.context;
  const { reason } = entry.breaker.rejection(nowMs);
  observer.callWouldBeRejected?.(call.observed, entry, reason);
  if (shadow?.isHeard === true) {
    shadow.tell({ type: 'shadow', what: 'rejection', breaker: entry.breaker.name, reason, atMs: nowMs });
  }
  // As late as a refused call would ask: it may want to see the request.
  if (call.binding.fallback?.on.rejected === true && call.fallsBack) setImmediate(askWhenRefused, call);
}

/** The request has come that the fallback of a call that would have been refused would have waited for. */
export function askWhenRefused(call: CallRecord): void {
  const { binding, request, isRequestEnded, cancelledWith } = call;
  call.findings &= ~AWAITS_REQUEST;
  if (cancelledWith !== undefined) return;
  if (request === undefined && !binding.isRequestStream && !isRequestEnded) call.findings |= AWAITS_REQUEST;
  else wouldFallBack(call, { cause: 'rejected' });
}

/** Observing: a call ends. True where enforcement would have ended it before, and its breaker has been told of that end. */
export function hasParted(call: CallRecord): boolean {
  const { entry, binding } = call;
  if (entry === undefined) return false;
  const isTold = call.is(PARTED) && call.is(TOLD);
  const nowMs = binding.context.clock.now();
  if (!isTold && !isOutlived(call, nowMs)) return false;
  binding.context.inFlight.end(call, entry);
  if (!isTold) part(call, settleMissed(call, nowMs));
  return true;
}

/** Observing: looks whether enforcement ends a call now. It goes on, and counts as if it had been ended. True when there is nothing more to look for. */
export function partWhenOverdue(call: CallRecord, wait: MessageWait | undefined, nowMs: number): boolean {
  const { entry, binding } = call;
  if (entry === undefined) return true;
  if (isOutlived(call, nowMs)) {
    binding.context.inFlight.end(call, entry);
    part(call, settleMissed(call, nowMs));
    return true;
  }
  const overdue = wait?.overdue(call, nowMs);
  if (overdue === undefined) return false;
  settleOverdue(call, overdue);
  part(call, overdue);
  return true;
}

/** Observing: a call has ended as it would have under enforcement, or would have then. */
export function noteEnd(call: CallRecord, status: StatusObject): void {
  if (call.is(PARTED) || !call.fallsBack) return;
  const reason = fallbackReason(call, status);
  if (reason !== undefined) wouldFallBack(call, reason);
}

function part(call: CallRecord, status: StatusObject): void {
  noteEnd(call, status);
  call.findings |= PARTED;
}

/** The deadline has passed that enforcement would have set; an earlier one of the caller's has been there all the same. */
function isOutlived({ binding, budgetMs, startedMs }: CallRecord, nowMs: number): boolean {
  const { judgedDeadlineMs } = binding;
  return judgedDeadlineMs < budgetMs && nowMs - startedMs > judgedDeadlineMs;
}

function wouldFallBack(call: CallRecord, want: Pick<FallbackReason, 'cause' | 'code' | 'isFailure'>): void {
  const { binding, entry, memoryKey } = call;
  if (entry === undefined) return;
  const { observer, shadow, clock } = binding.context;
  const { cause } = want;
  try {
    const source = binding.fallback?.wouldAnswer({ ...want, target: binding.target, key: memoryKey });
    if (source === undefined) return;
    countWouldAnswer(entry, source);
    observer.fallbackWouldServe?.(call.observed, entry, source, cause);
    if (shadow?.isHeard !== true) return;
    shadow.tell({ type: 'shadow', what: 'fallback', breaker: entry.breaker.name, source, cause, atMs: clock.now() });
  } catch (error) {
    binding.warnOnce(
      `finding out which fallback source would answer a call of ${binding.method} failed; the call goes on`,
      error,
    );
  }
}
