/**
 * The usual latency is one that this share of calls does not exceed: the 70th percentile. A higher one would see a slowdown later, because fewer
 * calls exceed a multiple of it; a lower one says less of the slow calls that are usual.
 */
export const USUAL_QUANTILE = 0.7;

/** Robbins and Monro's gain is 1 / (density x n); this stands for the density of the latency's logarithm at its high end. */
const GAIN = 3;

/** Calls that find the order of magnitude, before the steps become small: the first call may have opened a connection. */
const SEARCHING = 200;
const LARGEST_STEP = 0.3;

/** No usual latency is shorter, in milliseconds: steps are shares, and nothing moves away from 0. */
const SHORTEST_MS = 1e-3;

/**
 * The usual latency, followed by stochastic approximation (Robbins & Monro 1951) in steps that are shares of it. One number
 * a breaker, two multiplications a call. The steps become smaller as calls come, down to those of the half-life.
 */
export class LatencyBaseline {
  #usualMs = 0;
  #markMs = 0;
  #step = LARGEST_STEP;
  #count = 0;
  readonly #warmUp: number;

  constructor(warmUp: number) {
    this.#warmUp = warmUp;
  }

  /** It has seen enough calls. */
  get isLearned(): boolean {
    return this.#count >= this.#warmUp;
  }

  /** The usual latency in milliseconds; undefined until it is learned. */
  get usualMs(): number | undefined {
    return this.isLearned ? this.#usualMs : undefined;
  }

  /** Takes a latency in. */
  add(durationMs: number): void {
    if (this.#count < this.#warmUp) this.#learnFirst(durationMs);
    else if (durationMs > this.#usualMs) this.#usualMs *= 1 + this.#step * USUAL_QUANTILE;
    else if (this.#usualMs > SHORTEST_MS) this.#usualMs *= 1 - this.#step * (1 - USUAL_QUANTILE);
  }

  /** What comes now may not be usual: `revert` takes it back to here. */
  mark(): void {
    this.#markMs = this.#usualMs;
  }

  /** Forgets what came since the mark. */
  revert(): void {
    if (this.isLearned) this.#usualMs = this.#markMs;
  }

  /** From now on each call moves it as if it were one of so many. */
  rememberCalls(calls: number): void {
    this.#step = GAIN / (GAIN / LARGEST_STEP + Math.max(0, calls - SEARCHING));
  }

  /** Takes a latency for the usual one, as if learned. */
  adopt(usualMs: number): void {
    this.#usualMs = usualMs;
    this.#markMs = usualMs;
    this.#count = this.#warmUp;
    this.rememberCalls(this.#warmUp);
  }

  /** Goes on from what another one has learned. */
  inherit(other: LatencyBaseline): void {
    this.#usualMs = other.#usualMs;
    this.#markMs = other.#markMs;
    this.#step = other.#step;
    // What was learned by a shorter warm-up is learned.
    this.#count = other.isLearned ? Math.max(other.#count, this.#warmUp) : other.#count;
  }

  /** As new. */
  clear(): void {
    this.#count = 0;
    this.#usualMs = 0;
  }

  #learnFirst(durationMs: number): void {
    if (durationMs === Infinity) return;
    this.rememberCalls(++this.#count);
    if (this.#usualMs === 0) this.#usualMs = Math.max(durationMs, SHORTEST_MS);
    else if (durationMs > this.#usualMs) this.#usualMs *= 1 + this.#step * USUAL_QUANTILE;
    else this.#usualMs *= 1 - this.#step * (1 - USUAL_QUANTILE);
  }
}
