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
  /** Ends the pause, where there is one. */
  #pause: AbortController | undefined;

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
    const isMostEager = listener.everyMs < this.#everyMs();
    this.#listeners.add(listener);
    if (this.#run === undefined) {
      this.#run = new AbortController();
      void this.#askUntil(this.#run.signal);
    } else if (isMostEager) this.#pause?.abort(); // What has begun is too long for it.
    return () => {
      this.#listeners.delete(listener);
      if (!this.isIdle) return;
      this.#run?.abort();
      this.#run = undefined;
      this.#pause?.abort();
    };
  }

  /** Never rejects. */
  async #askUntil(stopped: AbortSignal): Promise<void> {
    await this.#rest(this.#random(), stopped);
    while (!stopped.aborted) {
      // From the beginning of one to the beginning of the next: an answer that takes its time does not slow the pace.
      let next = this.#rest(1, stopped);
      try {
        const result = await this.#ask(this.#everyMs(), stopped);
        if (!stopped.aborted) for (const listener of this.#listeners) listener.answered(result);
      } catch (error) {
        if (stopped.aborted) return;
        for (const listener of this.#listeners) listener.failed(error);
        // A whole pause after a failure: a question that hangs keeps the process alive, so that one right after the other would do so for ever.
        this.#pause?.abort();
        next = this.#rest(1, stopped);
      }
      await next;
    }
  }

  /** A pause of this part of the pace. It begins anew, with a shorter pace, where a more eager listener comes meanwhile, and ends when it is stopped. */
  async #rest(part: number, stopped: AbortSignal): Promise<void> {
    for (let paceMs = Infinity; !stopped.aborted && this.#everyMs() < paceMs; ) {
      paceMs = this.#everyMs();
      this.#pause = new AbortController();
      await pause(paceMs * part, undefined, { ref: false, signal: this.#pause.signal }).catch(() => {});
    }
  }

  #everyMs(): number {
    let everyMs = Infinity;
    for (const listener of this.#listeners) everyMs = Math.min(everyMs, listener.everyMs);
    return everyMs;
  }
}
