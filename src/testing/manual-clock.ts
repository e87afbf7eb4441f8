import type { Clock } from '../core/clock.ts';

/** A clock that stands still until it is told to move, for tests. */
export class ManualClock implements Clock {
  #nowMs: number;

  /** @param startMs - where it begins, in milliseconds */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  /** The time it stands at, in milliseconds. */
  now(): number {
    return this.#nowMs;
  }

  /**
   * Moves it forward.
   * @param ms - by how many milliseconds
   * @throws RangeError for a negative or endless time: a monotonic clock never goes back
   */
  advance(ms: number): void {
    if (!(ms >= 0) || ms === Infinity) throw new RangeError(`a clock goes forward by 0 ms or more, not by ${ms}`);
    this.#nowMs += ms;
  }
}
