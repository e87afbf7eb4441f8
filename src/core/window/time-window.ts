import type { RateWindow } from './rate-window.ts';

/**
 * The results of the last `durationMs` milliseconds, in slices: the one being filled and the `slices - 1` before it.
 * A slice leaves whole, when its time has passed, however long nothing was called.
 */
export class TimeWindow implements RateWindow {
  /**
   * Two numbers a slice: results, hits. Not a typed array: over 64 bytes V8 keeps those off its heap, which costs a breaker
   * 230 bytes more (measured) and each call another place in memory.
   */
  readonly #counts: number[];
  readonly #sliceMs: number;
  readonly #slices: number;
  /** Number of the newest slice since the clock's origin. */
  #newest = Number.NEGATIVE_INFINITY;
  /** Its place in the ring. */
  #place = 0;
  total = 0;
  hits = 0;

  constructor(durationMs: number, slices: number) {
    this.#slices = slices;
    this.#sliceMs = durationMs / slices;
    this.#counts = new Array<number>(slices * 2).fill(0);
  }

  record(hit: boolean, nowMs: number): void {
    this.advance(nowMs);
    const at = this.#place * 2;
    const counts = this.#counts;
    counts[at] = (counts[at] as number) + 1;
    this.total++;
    if (hit) {
      counts[at + 1] = (counts[at + 1] as number) + 1;
      this.hits++;
    }
  }

  advance(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    // A clock that went back (it should not) keeps filling the newest slice.
    if (slice <= this.#newest) return;
    const passed = slice - this.#newest;
    this.#newest = slice;
    if (passed >= this.#slices || this.total === 0) {
      this.#empty();
      return;
    }
    for (let i = 0; i < passed; i++) this.#dropOldest();
  }

  clear(): void {
    this.#empty();
  }

  #dropOldest(): void {
    this.#place = this.#place + 1 === this.#slices ? 0 : this.#place + 1;
    const at = this.#place * 2;
    const counts = this.#counts;
    this.total -= counts[at] as number;
    this.hits -= counts[at + 1] as number;
    counts[at] = 0;
    counts[at + 1] = 0;
  }

  #empty(): void {
    if (this.total !== 0) this.#counts.fill(0);
    this.#place = 0;
    this.total = 0;
    this.hits = 0;
  }
}
