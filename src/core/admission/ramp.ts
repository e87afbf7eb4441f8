/** The share of calls that pass at the beginning of a ramp. */
const FIRST_SHARE = 0.1;

/** So many calls a second pass at any time: a quiet method is not refused. */
const CALLS_PER_SECOND = 5;

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
  /** Calls that time alone gives, at most a second's. */
  #spare = 0;
  #lastMs = 0;
  calls = 0;
  failures = 0;

  /** Begins, for so many milliseconds. */
  begin(nowMs: number, lengthMs: number): void {
    this.#fromMs = nowMs;
    this.#lengthMs = lengthMs;
    this.#turns = 0;
    this.#spare = 1;
    this.#lastMs = nowMs;
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
    this.#spare = Math.min(CALLS_PER_SECOND, this.#spare + ((nowMs - this.#lastMs) / 1_000) * CALLS_PER_SECOND);
    this.#lastMs = nowMs;
    this.#turns += this.share(nowMs);
    if (this.#turns >= 1) this.#turns -= 1;
    else if (this.#spare >= 1) this.#spare -= 1;
    else return false;
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
