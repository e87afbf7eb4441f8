import type { StatusObject } from '@grpc/grpc-js';
import { status as Status } from '@grpc/grpc-js';
import type { PermitSlot } from '../core/permit.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { MethodBinding } from './method-binding.ts';
import { ignoredCause, judgeStatus } from './outcome.ts';

/** Deadlines that a dependency may miss in a row as "this process was busy" before they count: a busy client must not be blind to a dead server. */
const STALLS_IGNORED = 50;

/** A call that has ended, with what is known of it. Times are of the registry's clock, in milliseconds. */
export interface EndedCall {
  readonly status: StatusObject;
  /** The last message, undefined or null without one. */
  readonly response: unknown;
  readonly sawHeaders: boolean;
  readonly cancelledWith: number | undefined;
  readonly startedMs: number;
  /** When the dependency had all it needs to answer. */
  readonly askedMs: number;
  /** When the first message of a stream came, -1 without one. */
  readonly firstMessageMs: number;
  /** Milliseconds that its deadline left it at the start, Infinity for none. */
  readonly budgetMs: number;
  readonly consumerIsIdle: boolean;
}

/**
 * Tells the breaker how a call ended.
 * @returns whether the call failed for its caller through no fault of theirs, so that a fallback may answer
 */
export function settleCall(
  binding: MethodBinding,
  entry: BreakerEntry,
  slot: PermitSlot,
  observed: unknown,
  ended: EndedCall,
): boolean {
  const { policy, context } = binding;
  const { status } = ended;
  const now = context.clock.now();
  const evidenceMs = (ended.firstMessageMs >= 0 ? ended.firstMessageMs : now) - ended.askedMs;
  const facts = { ...ended, durationMs: now - ended.startedMs };
  let cause = status.code === Status.OK ? undefined : ignoredCause(status, facts);
  if (cause === 'clientStall' && ++entry.stallsIgnored > STALLS_IGNORED) cause = undefined;
  let outcome = cause === undefined ? judgeStatus(status, ended.response, facts, policy, context.onWarning) : 'ignored';
  // Observing, the policy's deadline is not set, but judged as if it had been.
  if (outcome === 'success' && facts.durationMs > policy.deadlineMs && binding.ownDeadlineMs === Infinity) outcome = 'failure';
  if (outcome === 'success') entry.stallsIgnored = 0;
  context.observer.callEnded(observed, entry, outcome, status.code);
  entry.breaker.settle(slot, outcome, evidenceMs, now);
  return outcome === 'failure' || cause === 'clientStall';
}
