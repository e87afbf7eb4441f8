/** The upper confidence bound: so many standard errors, 1 in 740 one-sided. */
const Z = 3;

/** A baseline never forgets so far that it stands on fewer calls than this, however rare they are. */
const FEWEST_CALLS = 5_000;

/** The usual share of hits, as a moving average: each call counts half after `halfLifeMs`. */
export class ShareBaseline {
  readonly #halfLifeMs: number;
  readonly #fewest: number;
  #asOfMs = Number.NEGATIVE_INFINITY;
  /** Calls, older ones counting less. */
  calls = 0;
  /** Hits among them. */
  hits = 0;

  constructor(halfLifeMs: number, warmUp: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#fewest = Math.max(FEWEST_CALLS, warmUp);
  }

  /** The share itself; 0 before the first call. */
  get share(): number {
    return this.calls === 0 ? 0 : this.hits / this.calls;
  }

  /** The share is hardly larger than this: the upper end of Wilson's score interval (1927), which holds for few hits too. */
  get upperBound(): number {
    const { calls, hits } = this;
    return (hits + (Z * Z) / 2 + Z * Math.sqrt((hits * (calls - hits)) / calls + (Z * Z) / 4)) / (calls + Z * Z);
  }

  /** Adds results, after letting the old ones fade. */
  add(calls: number, hits: number, nowMs: number): void {
    if (this.calls > this.#fewest) {
      const faded = 2 ** ((this.#asOfMs - nowMs) / this.#halfLifeMs);
      const kept = Math.min(1, Math.max(faded, this.#fewest / this.calls));
      this.calls *= kept;
      this.hits *= kept;
    }
    this.#asOfMs = nowMs;
    this.calls += calls;
    this.hits += hits;
  }

  /** Goes on from what another one has learned. */
  inherit(other: ShareBaseline): void {
    this.calls = other.calls;
    this.hits = other.hits;
    this.#asOfMs = other.#asOfMs;
  }

  /** As new. */
  clear(): void {
    this.calls = 0;
    this.hits = 0;
  }
}
