/** Failures and calls of a rolling window in slices, as Hystrix and Polly count them: every slice that is over expires at its time. */
export class RollingCounts {
  readonly #sliceMs: number;
  readonly #calls: number[];
  readonly #failures: number[];
  #slice = 0;
  calls = 0;
  failures = 0;

  constructor(windowMs: number, slices: number) {
    this.#sliceMs = windowMs / slices;
    this.#calls = new Array<number>(slices).fill(0);
    this.#failures = new Array<number>(slices).fill(0);
  }

  /** Lets go of what is too old. */
  advance(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    const slices = this.#calls.length;
    const gone = Math.min(slices, slice - this.#slice);
    for (let k = 1; k <= gone; k++) {
      const at = (this.#slice + k) % slices;
      this.calls -= this.#calls[at] as number;
      this.failures -= this.#failures[at] as number;
      this.#calls[at] = 0;
      this.#failures[at] = 0;
    }
    this.#slice = slice;
  }

  /** Takes a result in. */
  add(failed: boolean, nowMs: number): void {
    this.advance(nowMs);
    const at = this.#slice % this.#calls.length;
    this.#calls[at] = (this.#calls[at] as number) + 1;
    this.calls++;
    if (!failed) return;
    this.#failures[at] = (this.#failures[at] as number) + 1;
    this.failures++;
  }

  /** Forgets everything. */
  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.calls = 0;
    this.failures = 0;
  }
}
