import type { Clock } from '../core/clock.ts';
import type { Rejection } from '../core/snapshot.ts';
import type { Verdict } from '../core/verdict.ts';
import type { FallbackCause } from '../policy/fallback-cause.ts';
import type { FallbackContext } from '../policy/fallback-context.ts';
import type { FallbackCall } from '../policy/ports.ts';

/** What one source is told of the call. The clock is read, and the signal made, when they are asked for. */
export class SourceContext implements FallbackContext {
  readonly cause: FallbackCause;
  readonly breaker: string;
  readonly method: string;
  readonly verdict: Verdict | undefined;
  readonly rejection: Rejection | undefined;
  readonly status: { readonly code: number; readonly details: string } | undefined;
  readonly #deadlineAtMs: number;
  readonly #clock: Clock;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(call: FallbackCall, clock: Clock) {
    this.cause = call.cause;
    this.breaker = call.breaker;
    this.method = call.method;
    this.verdict = call.verdict;
    this.rejection = call.rejection;
    this.status = call.status === undefined ? undefined : { code: call.status.code, details: call.status.details };
    this.#deadlineAtMs = call.deadlineAtMs;
    this.#clock = clock;
  }

  get deadlineLeftMs(): number {
    return Math.max(0, this.#deadlineAtMs - this.#clock.now());
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    return this.#controller.signal;
  }

  /** Nobody waits for it any more. */
  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Nobody waits for this source any more. */
  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }
}
