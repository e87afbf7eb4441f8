import type { WindowConfig } from '../options.ts';

/** So many starts are kept: fine ones of late, ever coarser ones before. */
const KEPT = 24;
/** A window's length has so many starts, where they are finest. */
const PER_WINDOW = 16;
/** A start is given up after so many windows' time: what was before is no evidence any more. */
const WINDOWS = 100;
/** At most one start in so many calls, in a window of calls. */
const LEAST_CALLS = 32;
/** Calls that began so little before a start, in milliseconds, began with it: a difference of two times is not exact. */
const TOLERANCE_MS = 1e-3;

/**
 * Starts, and how many calls, and slow ones, began between each and the next.
 *
 * A call belongs where it began, not where it ended. Of calls made together the slow ones end last: seen from a start between those that
 * ended early and the late ones, all calls would be slow. By their beginnings it is the other way: what is known of the calls since a start
 * is all the fast ones, and some of the slow ones.
 */
export class Starts {
  readonly #everyMs: number;
  readonly #everyCalls: number;
  /**
   * For each start, the oldest first: its time, its number, calls that began from it to the next, slow ones among them. Typed arrays: a
   * call takes a third of the time that it takes with plain ones (measured).
   */
  readonly #atMs: Float64Array = new Float64Array(KEPT);
  readonly #numbers: Float64Array = new Float64Array(KEPT);
  readonly #calls: Float64Array = new Float64Array(KEPT);
  readonly #slow: Float64Array = new Float64Array(KEPT);
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Calls taken in since the newest start. */
  #sinceNewest = 0;
  /** How many starts there are. */
  count = 0;

  constructor(window: WindowConfig) {
    this.#everyMs = 'calls' in window ? 0 : window.durationMs / PER_WINDOW;
    this.#everyCalls = 'calls' in window ? Math.max(LEAST_CALLS, Math.floor(window.calls / PER_WINDOW)) : 1;
    this.clear();
  }

  /** Bytes of its arrays: they stay the same. */
  get byteLength(): number {
    return 4 * this.#atMs.byteLength;
  }

  /** Number of a start since the last `clear`: the first is 0. */
  numberOf(start: number): number {
    return this.#numbers[start] as number;
  }

  /** Calls that began from this start to the next. */
  callsOf(start: number): number {
    return this.#calls[start] as number;
  }

  /** Slow ones among them. */
  slowOf(start: number): number {
    return this.#slow[start] as number;
  }

  /** Takes a call in. Where it is not sure when it began, an earlier time is on the safe side for a slow one. */
  record(isSlow: boolean, beganMs: number, nowMs: number): void {
    let at = this.count - 1;
    while (at >= 0 && beganMs < (this.#atMs[at] as number) - TOLERANCE_MS) at--;
    if (at >= 0) {
      this.#calls[at] = this.callsOf(at) + 1;
      if (isSlow) this.#slow[at] = this.slowOf(at) + 1;
    }
    this.#lastMs = nowMs;
    this.#sinceNewest++;
    if (this.#sinceNewest < this.#everyCalls) return;
    const newestMs = this.#atMs[this.count - 1] as number;
    if (nowMs > newestMs && nowMs - newestMs >= this.#everyMs) this.#open(nowMs);
  }

  /**
   * Forgets the calls, but not how many starts there were: these go on being counted. What began before the last call that was taken in
   * does not count any more: those that are late are mostly slow.
   */
  restart(): void {
    if (this.#lastMs === Number.NEGATIVE_INFINITY) return;
    const number = this.numberOf(this.count - 1) + 1;
    this.count = 0;
    this.#push(this.#lastMs, number);
  }

  /** Forgets everything: a new life begins. Whatever is taken in from now on counts. */
  clear(): void {
    this.count = 0;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#push(Number.NEGATIVE_INFINITY, 0);
  }

  #open(nowMs: number): void {
    const number = this.numberOf(this.count - 1) + 1;
    if (number - this.numberOf(0) > PER_WINDOW * WINDOWS) this.#remove(0);
    else if (this.count === KEPT) this.#thinOut(number);
    this.#push(nowMs, number);
  }

  #push(atMs: number, number: number): void {
    const at = this.count++;
    this.#atMs[at] = atMs;
    this.#numbers[at] = number;
    this.#calls[at] = 0;
    this.#slow[at] = 0;
    this.#sinceNewest = 0;
  }

  /** Gives up the start that is missed least: the ages of those beside it differ by the smallest factor. */
  #thinOut(number: number): void {
    let least = Infinity;
    let at = 1;
    for (let i = 1; i < this.count; i++) {
      const younger = i + 1 < this.count ? number - this.numberOf(i + 1) : 0;
      const factor = (number - this.numberOf(i - 1) + 1) / (younger + 1);
      if (factor >= least) continue;
      least = factor;
      at = i;
    }
    this.#calls[at - 1] = this.callsOf(at - 1) + this.callsOf(at);
    this.#slow[at - 1] = this.slowOf(at - 1) + this.slowOf(at);
    this.#remove(at);
  }

  #remove(at: number): void {
    this.#atMs.copyWithin(at, at + 1, this.count);
    this.#numbers.copyWithin(at, at + 1, this.count);
    this.#calls.copyWithin(at, at + 1, this.count);
    this.#slow.copyWithin(at, at + 1, this.count);
    this.count--;
  }
}
