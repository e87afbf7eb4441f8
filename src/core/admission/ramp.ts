import { SpareCalls } from './spare-calls.ts';

/** The share of calls that pass at the beginning of a ramp. */
const FIRST_SHARE = 0.1;

/** So many failures are needed before their share is judged. */
const FEWEST_FAILURES = 3;

/**
 * The return of traffic after a breaker has closed: the share of calls that pass grows evenly from a tenth to all. Which ones pass is
 * a matter of turns, not of chance.
 */
export class Ramp {
  #fromMs = 0;
  #lengthMs = 0;
  /** What the growing share gives. */
  #turns = 0;
  #spare = new SpareCalls(0);
  calls = 0;
  failures = 0;

  /** Begins, for so many milliseconds. */
  begin(nowMs: number, lengthMs: number): void {
    this.#fromMs = nowMs;
    this.#lengthMs = lengthMs;
    this.#turns = 0;
    this.#spare = new SpareCalls(nowMs);
    this.calls = 0;
    this.failures = 0;
  }

  /** All calls pass. */
  isOver(nowMs: number): boolean {
    return nowMs - this.#fromMs >= this.#lengthMs;
  }

  /** The share of calls that pass now, 0..1. */
  share(nowMs: number): number {
    return Math.min(1, FIRST_SHARE + ((1 - FIRST_SHARE) * (nowMs - this.#fromMs)) / this.#lengthMs);
  }

  /** Whether this call passes. */
  admits(nowMs: number): boolean {
    this.#turns += this.share(nowMs);
    if (this.#turns < 1) return this.#spare.take(nowMs);
    this.#turns -= 1;
    return true;
  }

  /** Takes a result in; true when failures have reached a share of the calls since it began. */
  record(failed: boolean, threshold: number): boolean {
    this.calls++;
    if (!failed) return false;
    this.failures++;
    return this.failures >= FEWEST_FAILURES && this.failures >= threshold * this.calls;
  }
}
