import type { status as Status } from '@grpc/grpc-js';
import { NO_PERMIT } from '../core/permit.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { WatchedCall } from '../policy/watched-call.ts';
import type { MethodBinding } from './method-binding.ts';
import type { HeldCall } from './stalls.ts';

/** What is known of a call while it is under way and when its status comes. Times are of the registry's clock, in milliseconds. */
export abstract class CallRecord implements WatchedCall, HeldCall {
  permitGeneration: number = NO_PERMIT;
  permitTrial = -1;
  permitSlow = 0;
  watchPrevious: WatchedCall | undefined;
  watchNext: WatchedCall | undefined;
  isListed = false;

  readonly binding: MethodBinding;
  /** What the observer gave for this call. */
  readonly observed: unknown;
  entry: BreakerEntry | undefined;
  /** It was sent, and waits for its answer: the first message of a stream, the status of others. */
  isUnderWay = false;
  /** The dependency had all it needs to answer, and its caller wanted to hear. */
  isAsked = false;
  startedMs = 0;
  /** When the dependency had all it needs to answer: at the start, for client streams at their end, for bidi streams at the last request. */
  askedMs = 0;
  stallsBefore = 0;
  lateBeforeMs = 0;
  /** Time to the first message of a stream; below 0 without one, or where this process held it up. */
  latencyMs = -1;
  /** Milliseconds that its deadline left it at the start, Infinity for none. */
  budgetMs: number = Infinity;
  /** The server sent headers. */
  sawHeaders = false;
  /** The last message, undefined or null without one. */
  lastMessage: unknown;
  /** Messages that came. */
  messages = 0;
  /** Messages of a stream that its consumer asked for. */
  reads = 0;
  /** The caller cancelled, with this status. */
  cancelledWith: Status | undefined;

  protected constructor(binding: MethodBinding) {
    this.binding = binding;
    this.observed = binding.context.observer.callStarted();
  }
}
