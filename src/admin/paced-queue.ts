import type { Clock } from '../core/clock.ts';

/** Runs something later; returns what takes it back. Does not keep the process alive. */
export type Later = (ms: number, run: () => void) => () => void;

/** So long the process's calls may be held up at a time. */
const SLICE_MS = 1;

/** After each slice there is a pause of so many times what it took: at most a fifth of the process's time goes into it. */
const PAUSE_TIMES = 4;

/** Takes turns: each who is waiting does one step, and gives way to the process's calls after each millisecond of steps. */
export class PacedQueue<Waiting> {
  readonly #step: (waiting: Waiting) => void;
  readonly #clock: Clock;
  readonly #later: Later;
  readonly #waiting = new Set<Waiting>();
  #isRunning = false;

  /** @param step - does one step; it is added again where there is more to do */
  constructor(step: (waiting: Waiting) => void, clock: Clock, later: Later) {
    this.#step = step;
    this.#clock = clock;
    this.#later = later;
  }

  /** Whoever waits already keeps its place. */
  add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    const since = this.#clock.now();
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      this.#step(waiting);
      const tookMs = this.#clock.now() - since;
      if (tookMs < SLICE_MS) continue;
      this.#later(PAUSE_TIMES * tookMs, () => this.#run());
      return;
    }
    this.#isRunning = false;
  }
}
