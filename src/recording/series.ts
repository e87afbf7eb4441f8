import type { BacktestSeries } from './backtest-result.ts';

/** Buckets that are kept. */
const BUCKETS = 600;

const SUCCEEDED = 0;
const FAILED = 1;
const REFUSED = 2;

/** What can be counted in a series. */
export type SeriesRow = typeof SUCCEEDED | typeof FAILED | typeof REFUSED;

/** The rows of a series. */
export const ROW: { readonly succeeded: 0; readonly failed: 1; readonly refused: 2 } = {
  succeeded: SUCCEEDED,
  failed: FAILED,
  refused: REFUSED,
};

/** Counts by time, in a number of buckets that does not grow: when they are full, each two become one. */
export class Series {
  readonly #counts: readonly Float64Array[] = [0, 1, 2].map(() => new Float64Array(BUCKETS));
  #last = 0;
  /** In milliseconds. */
  widthMs = 100;

  /** Something happened so many milliseconds after the beginning. */
  count(row: SeriesRow, atMs: number): void {
    let bucket = Math.floor(atMs / this.widthMs);
    while (bucket >= BUCKETS) {
      this.#halve();
      bucket = Math.floor(atMs / this.widthMs);
    }
    if (bucket > this.#last) this.#last = bucket;
    const counts = this.#counts[row] as Float64Array;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  /** With buckets of this width, which is a multiple of its own by a power of two. */
  asWideAs(widthMs: number): BacktestSeries {
    while (this.widthMs < widthMs) this.#halve();
    const [succeeded = [], failed = [], refused = []] = this.#counts.map((counts) =>
      Array.from(counts.subarray(0, this.#last + 1)),
    );
    return { succeeded, failed, refused };
  }

  #halve(): void {
    this.widthMs *= 2;
    for (const counts of this.#counts) {
      for (let i = 0; i < BUCKETS; i++) {
        counts[i] = 2 * i + 1 < BUCKETS ? (counts[2 * i] as number) + (counts[2 * i + 1] as number) : 0;
      }
    }
    this.#last = Math.floor(this.#last / 2);
  }
}
