import type { RejectionReason } from '../core/state.ts';
import type { FallbackCause } from './fallback-cause.ts';

/** A call was let through that enforcement would have refused. */
export interface ShadowRejectionEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'shadow';
  /** What enforcement would have done. */
  readonly what: 'rejection';
  /** The breaker's name. */
  readonly breaker: string;
  /** Why it would have been refused. */
  readonly reason: RejectionReason;
  /** When, on the clock, in milliseconds. */
  readonly atMs: number;
}

/** A call got what the dependency gave, where enforcement would have answered by a fallback. */
export interface ShadowFallbackEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'shadow';
  /** What enforcement would have done. */
  readonly what: 'fallback';
  /** The breaker's name. */
  readonly breaker: string;
  /** The source that would have answered. Functions and fallback calls are not asked, and taken to have an answer. */
  readonly source: string;
  /** Why a fallback would have been asked. */
  readonly cause: FallbackCause;
  /** When, on the clock, in milliseconds. */
  readonly atMs: number;
}

/** What a policy in mode `observe` would have done to a call. Tell the two apart by `what`. */
export type ShadowEvent = ShadowRejectionEvent | ShadowFallbackEvent;

/** Hears of shadow events. They come with calls: none is made while nobody listens. */
export interface ShadowHandler {
  /** Somebody listens. */
  readonly isHeard: boolean;
  /** Tells it from the event loop. Never throws. */
  tell(event: ShadowEvent): void;
}
