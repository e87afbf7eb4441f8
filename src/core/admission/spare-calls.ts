/** So many calls a second pass at any time, so that a quiet method is not refused, and a recovery is found out. */
const CALLS_PER_SECOND = 5;

/** Calls that time alone gives: a few a second, and at most a second's worth of them at once. */
export class SpareCalls {
  #credit = 1;
  #asOfMs: number;

  constructor(nowMs: number) {
    this.#asOfMs = nowMs;
  }

  /** Takes one, if there is one. */
  take(nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#asOfMs) / 1_000) * CALLS_PER_SECOND;
    this.#credit = Math.min(CALLS_PER_SECOND, this.#credit + earned);
    this.#asOfMs = nowMs;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}
