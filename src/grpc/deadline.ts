import type { InterceptorOptions } from '@grpc/grpc-js';
import { propagate } from '@grpc/grpc-js';
import type { CallRecord } from './call-record.ts';

type Deadline = InterceptorOptions['deadline'];

function toEpochMs(deadline: Deadline): number {
  return deadline === undefined ? Infinity : Number(deadline);
}

/** A call's deadline as its caller set it: the earlier of its own and, where it is passed on, its parent's. In milliseconds since 1970, Infinity for none. */
function callersDeadline(options: InterceptorOptions): number {
  const own = toEpochMs(options.deadline);
  const { parent } = options;
  if (parent === undefined || parent === null) return own;
  const flags = options.propagate_flags ?? propagate.DEFAULTS;
  return (flags & propagate.DEADLINE) === 0 ? own : Math.min(own, toEpochMs(parent.getDeadline()));
}

/** The time that a call has under enforcement, in milliseconds: observing, its policy's deadline is not set. */
export function judgedBudgetMs({ budgetMs, binding }: CallRecord): number {
  return Math.min(budgetMs, binding.judgedDeadlineMs);
}

/**
 * Takes the deadline over that the caller set, or the policy's where it is earlier.
 * @returns the options of the call below
 */
export function setDeadline(call: CallRecord, options: InterceptorOptions): InterceptorOptions {
  const { ownDeadlineMs, context } = call.binding;
  const deadline = callersDeadline(options);
  if (deadline === Infinity && ownDeadlineMs === Infinity) return options;
  const wallNow = context.wallClockNow();
  call.budgetMs = Math.min(deadline - wallNow, ownDeadlineMs);
  return ownDeadlineMs < deadline - wallNow ? { ...options, deadline: wallNow + ownDeadlineMs } : options;
}
