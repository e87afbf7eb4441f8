import { USUAL_QUANTILE } from './latency-baseline.ts';

/** Rounds count where they are so far apart, in milliseconds: a busy method has many within the seconds of a passing trouble. */
const APART_MS = 1_000;

/** Half-open rounds in a row whose trials all succeeded, but slowly: after enough of them the latency is the new usual one. */
export class Adoption {
  readonly #slowestMs: Float64Array;
  #rounds = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param rounds - so many are enough */
  constructor(rounds: number) {
    this.#slowestMs = new Float64Array(rounds);
  }

  /**
   * Takes a round in.
   * @param slowestMs - the slowest trial of it, in milliseconds
   * @returns the usual latency from now on, in milliseconds; undefined while there are not enough rounds
   */
  add(slowestMs: number, nowMs: number): number | undefined {
    const all = this.#slowestMs;
    if (nowMs - this.#lastMs < APART_MS) return undefined;
    this.#lastMs = nowMs;
    all[this.#rounds++] = slowestMs;
    if (this.#rounds < all.length) return undefined;
    return all.toSorted()[Math.ceil(USUAL_QUANTILE * all.length) - 1];
  }

  /** Begins again. */
  clear(): void {
    this.#rounds = 0;
  }
}
