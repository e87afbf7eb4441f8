import type { Clock } from '../core/clock.ts';
import type { FallbackCause } from '../policy/fallback-options.ts';
import type { Fallback, FallbackAnswer, FallbackCall, WarningHandler } from '../policy/ports.ts';
import type { FallbackSource, Messages } from './source.ts';

/** Sources that answer later are waited for until the call's deadline, and at most this long together, in milliseconds. */
const PATIENCE_MS = 1_000;

/** A call that failed because its deadline passed has no time left, or next to none: a source that reads a cache still gets this long, in milliseconds. */
const GRACE_MS = 25;

/** Asks sources one after the other; the first with an answer wins, one that throws, rejects, is too slow or has none is passed over. */
export class FallbackChain implements Fallback {
  readonly on: readonly FallbackCause[];
  readonly #sources: readonly FallbackSource[];
  readonly #clock: Clock;
  readonly #onWarning: WarningHandler;
  readonly #warned = new Set<FallbackSource>();

  constructor(on: readonly FallbackCause[], sources: readonly FallbackSource[], clock: Clock, onWarning: WarningHandler) {
    this.on = on;
    this.#sources = sources;
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  answer(call: FallbackCall): FallbackAnswer | undefined | Promise<FallbackAnswer | undefined> {
    return this.#askFrom(0, call, undefined);
  }

  /** Asks from a source on. `untilMs` is when the patience ends, on the clock, which is read only when something has to be waited for. */
  #askFrom(
    first: number,
    call: FallbackCall,
    untilMs: number | undefined,
  ): FallbackAnswer | undefined | Promise<FallbackAnswer | undefined> {
    for (let at = first; at < this.#sources.length; at++) {
      const source = this.#sources[at] as FallbackSource;
      if (source.when !== undefined && source.when !== call.cause) continue;
      try {
        const messages = source.answer(call);
        if (messages instanceof Promise) {
          return this.#awaitSource(at, messages, call, untilMs ?? this.#clock.now() + patienceOf(call));
        }
        if (messages !== undefined) return { source: source.name, messages };
      } catch (error) {
        this.#warn(source, call, error);
      }
    }
    return undefined;
  }

  async #awaitSource(
    at: number,
    pending: Promise<Messages>,
    call: FallbackCall,
    untilMs: number,
  ): Promise<FallbackAnswer | undefined> {
    const source = this.#sources[at] as FallbackSource;
    try {
      const messages = await within(pending, untilMs - this.#clock.now());
      if (messages !== undefined) return { source: source.name, messages };
    } catch (error) {
      this.#warn(source, call, error);
    }
    return this.#askFrom(at + 1, call, untilMs);
  }

  #warn(source: FallbackSource, call: FallbackCall, error: unknown): void {
    if (this.#warned.has(source)) return;
    this.#warned.add(source);
    this.#onWarning(`fallback source "${source.name}" of ${call.method} failed and is passed over (said once)`, error);
  }
}

function patienceOf({ cause, deadlineLeftMs }: FallbackCall): number {
  return Math.max(cause === 'failed' ? GRACE_MS : 0, Math.min(deadlineLeftMs, PATIENCE_MS));
}

/** The promise's value, or an error when it takes longer. Its late end is taken care of. */
async function within<T>(promise: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${Math.max(0, Math.round(patienceMs))} ms`)),
      Math.max(0, patienceMs),
    );
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
