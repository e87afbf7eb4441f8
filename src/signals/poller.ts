import { setTimeout as pause } from 'node:timers/promises';

/** What hears of a query's results. */
export interface PollListener<T> {
  /** The longest pause between two queries that it can do with, in milliseconds. */
  readonly everyMs: number;
  /** A result. Does not throw. */
  answered(result: T): void;
  /** None. Does not throw. */
  failed(error: unknown): void;
}

/** Asks once, and gives up after `withinMs` or when it is stopped. */
export type Question<T> = (withinMs: number, stopped: AbortSignal) => Promise<T>;

/**
 * Asks the same question again and again for as long as somebody listens, at the pace of the most eager listener, and never twice at a time. It is
 * first asked at a random moment, so that processes that start together do not ask together. Its timers do not keep the process alive.
 */
export class Poller<T> {
  readonly #ask: Question<T>;
  readonly #random: () => number;
  readonly #listeners = new Set<PollListener<T>>();
  #run: AbortController | undefined;

  constructor(ask: Question<T>, random: () => number) {
    this.#ask = ask;
    this.#random = random;
  }

  /** Nobody listens. */
  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  /** Adds a listener; the returned function takes it away again. */
  add(listener: PollListener<T>): () => void {
    this.#listeners.add(listener);
    if (this.#run === undefined) {
      this.#run = new AbortController();
      void this.#askUntil(this.#run.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (!this.isIdle) return;
      this.#run?.abort();
      this.#run = undefined;
    };
  }

  /** Never rejects. */
  async #askUntil(stopped: AbortSignal): Promise<void> {
    await rest(this.#everyMs() * this.#random(), stopped);
    while (!stopped.aborted) {
      const everyMs = this.#everyMs();
      // From the beginning of one to the beginning of the next: an answer that takes its time does not slow the pace.
      let next = rest(everyMs, stopped);
      try {
        const result = await this.#ask(everyMs, stopped);
        if (!stopped.aborted) for (const listener of this.#listeners) listener.answered(result);
      } catch (error) {
        if (!stopped.aborted) for (const listener of this.#listeners) listener.failed(error);
        // A whole pause after a failure: a question that hangs keeps the process alive, so that one right after the other would do so for ever.
        next = rest(everyMs, stopped);
      }
      await next;
    }
  }

  #everyMs(): number {
    let everyMs = Infinity;
    for (const listener of this.#listeners) everyMs = Math.min(everyMs, listener.everyMs);
    return everyMs;
  }
}

/** A pause that ends early when it is stopped. */
async function rest(ms: number, stopped: AbortSignal): Promise<void> {
  await pause(ms, undefined, { ref: false, signal: stopped }).catch(() => {});
}
