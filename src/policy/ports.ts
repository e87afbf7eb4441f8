import type { Outcome } from '../core/outcome.ts';
import type { RejectionReason } from '../core/state.ts';
import type { FallbackCause, FallbackContext } from './fallback-options.ts';
import type { BreakerEntry } from './registry.ts';

/**
 * Watches calls, for telemetry. The only thing of telemetry's on the call's way, so it must be quick.
 * The context is what `callStarted` returned for the same call; the interceptor only carries it.
 */
export interface CallObserver {
  /** A call begins: takes what belongs to its caller, such as the active span. */
  callStarted(): unknown;
  /**
   * A call that was let through has ended, after so many milliseconds, below 0 where that is not known because this process held it up; told
   * before the breaker hears of it, so that a trip finds its causes.
   */
  callEnded(context: unknown, entry: BreakerEntry, outcome: Outcome, statusCode: number, durationMs: number): void;
  /**
   * A call that waits for its answer has become slow; told before the breaker hears of it.
   * @param isKnown - it was told before, and is looked at once more
   */
  callSlow(context: unknown, entry: BreakerEntry, isKnown: boolean): void;
  /** A call was refused. */
  callRejected(context: unknown, entry: BreakerEntry, reason: RejectionReason): void;
  /** A call is answered by a fallback. */
  fallbackServed(context: unknown, entry: BreakerEntry, source: string, cause: FallbackCause): void;
}

/** A call that wants a fallback answer. */
export interface FallbackCall extends FallbackContext {
  /** The first request message; undefined when there was none. */
  readonly request: unknown;
}

/** What a fallback answers. */
export interface FallbackAnswer {
  /** The name of the source that answered. */
  readonly source: string;
  /** The response messages as they would stand on the wire: one for a method with a single response. Each call decodes its own. */
  readonly messages: readonly Buffer[];
}

/** Answers in place of the dependency. Never throws and never rejects: undefined when it has no answer. */
export interface Fallback {
  /** When it can answer at all. */
  readonly on: readonly FallbackCause[];
  /** The answer, at once where it can be had at once. */
  answer(call: FallbackCall): FallbackAnswer | undefined | Promise<FallbackAnswer | undefined>;
}

/** Finds the fallback of a method, `pkg.Service/Method`; undefined when it has none. */
export type FallbackFinder = (method: string) => Fallback | undefined;

/** Hears of trouble that was kept away from a call: a listener, a fallback or a key function that threw. */
export type WarningHandler = (message: string, error: unknown) => unknown;
