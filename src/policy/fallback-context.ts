import type { Rejection } from '../core/snapshot.ts';
import type { Verdict } from '../core/verdict.ts';
import type { FallbackCause } from './fallback-cause.ts';

/** What a fallback function is told besides the request. */
export interface FallbackContext {
  /** Why the fallback is asked. */
  readonly cause: FallbackCause;
  /** The breaker's name. */
  readonly breaker: string;
  /** `pkg.Service/Method`. */
  readonly method: string;
  /** Why the breaker is in its state; undefined when it never changed. */
  readonly verdict: Verdict | undefined;
  /** Why the breaker refuses, for `rejected`. */
  readonly rejection: Rejection | undefined;
  /** How the call failed, for `failed` and `stale`. */
  readonly status: { readonly code: number; readonly details: string } | undefined;
  /** Milliseconds left until the call's deadline, Infinity without one. */
  readonly deadlineLeftMs: number;
  /** Aborts when nobody waits for this answer any more: the caller cancelled, or the time is up. */
  readonly signal: AbortSignal;
}

/**
 * Makes a fallback message from the request, at once or later. For streamed responses: a list of messages, or an async iterable of them.
 * Undefined means that it has none; the next source is asked. For streamed requests the request is the first message, if there was one.
 */
// biome-ignore lint/suspicious/noExplicitAny: the message types are the method's, which a policy does not know.
export type FallbackFunction = (request: any, context: FallbackContext) => unknown;
