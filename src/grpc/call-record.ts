import type { PermitSlot } from '../core/permit.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { MethodBinding } from './method-binding.ts';

/** A call that was let through, with what is known of it when its status comes. Times are of the registry's clock, in milliseconds. */
export interface CallRecord extends PermitSlot {
  readonly binding: MethodBinding;
  readonly entry: BreakerEntry | undefined;
  /** What the observer gave for this call. */
  readonly observed: unknown;
  readonly startedMs: number;
  /** When the dependency had all it needs to answer. */
  readonly askedMs: number;
  /** When the first message of a stream came, -1 without one. */
  readonly firstMessageMs: number;
  /** Milliseconds that its deadline left it at the start, Infinity for none. */
  readonly budgetMs: number;
  /** The server sent headers. */
  readonly sawHeaders: boolean;
  /** The last message, undefined or null without one. */
  readonly lastMessage: unknown;
  /** Messages that came. */
  readonly messages: number;
  /** Messages of a stream that its consumer asked for. */
  readonly reads: number;
  /** The caller cancelled, with this status. */
  readonly cancelledWith: number | undefined;
}
