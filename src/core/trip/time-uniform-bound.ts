import type { Starts } from './starts.ts';

/** Alternatives lie this factor of the odds apart: between two of them about 6 % of the evidence is lost. */
const STEP = 2;
/** The odds of the mildest alternative, as a multiple of the odds at the limit. */
const MILDEST = 1.25;
/** Weight of the first start. Those after it have the rest: the sum of all is at most 1. */
const FIRST_WEIGHT = 1 - 1 / Math.log(Math.E + 1);

/**
 * Tests at every call whether slow calls are more frequent than a share allows. In all calls between two `clear`s together it is wrong
 * with a probability of at most `alpha`, however often it is asked.
 *
 * Under the null hypothesis each call is slow with a probability of at most `share`, whatever the calls that began before it did. Then, for
 * an alternative share q, the likelihood ratio of the calls that began since a fixed start is a supermartingale that begins at 1; so is
 * every weighted mean of such ratios, over alternatives (a mixture: Robbins 1970) and over starts. By Ville's inequality (1939) a
 * nonnegative supermartingale that begins at 1 ever reaches 1 / alpha with a probability of at most alpha. Howard, Ramdas, McAuliffe and
 * Sekhon (2021) treat such bounds at length. Leaving starts out makes the mean smaller, and is always allowed.
 *
 * Many starts, so that a fault is not diluted by the healthy calls before it. Start j weighs about 1 / (j ln^2 j), whose sum is finite:
 * that is what makes it hold for a whole life, and it costs ln j + 2 ln ln j nats.
 */
export class TimeUniformBound {
  readonly #share: number;
  readonly #needed: number;
  /** ln of what a slow call multiplies the ratio by, and a fast one, for each alternative. */
  readonly #slowLog: readonly number[];
  readonly #fastLog: readonly number[];
  readonly #starts: Starts;

  /**
   * @param share - the share of slow calls that is still all right, over 0 and under 1
   * @param alpha - the probability of ever being wrong, over 0 and under 1
   * @param starts - the starts from which it looks, and the calls since each
   */
  constructor(share: number, alpha: number, starts: Starts) {
    const odds = share / (1 - share);
    const severest = Math.max(20, 64 * odds);
    const slowLog: number[] = [];
    const fastLog: number[] = [];
    for (let other = odds * MILDEST; other < severest * STEP; other *= STEP) {
      const q = other / (1 + other);
      slowLog.push(Math.log(q / share));
      fastLog.push(Math.log1p(-q) - Math.log1p(-share));
    }
    this.#share = share;
    this.#needed = 1 / alpha;
    this.#slowLog = slowLog.slice();
    this.#fastLog = fastLog.slice();
    this.#starts = starts;
  }

  /** Chance does not explain how many slow calls there were. */
  isBeyondChance(): boolean {
    const starts = this.#starts;
    let calls = 0;
    let slow = 0;
    let mean = 0;
    for (let i = starts.count - 1; i >= 0; i--) {
      calls += starts.callsOf(i);
      slow += starts.slowOf(i);
      // Under the share no alternative is likelier.
      if (slow <= this.#share * calls) continue;
      mean += startWeight(starts.numberOf(i)) * this.#ratio(slow, calls - slow);
      if (mean >= this.#needed) return true;
    }
    return false;
  }

  /** The mean over the alternatives. */
  #ratio(slow: number, fast: number): number {
    const { length } = this.#slowLog;
    let sum = 0;
    for (let k = 0; k < length; k++) {
      sum += Math.exp(slow * (this.#slowLog[k] as number) + fast * (this.#fastLog[k] as number));
    }
    return sum / length;
  }
}

/**
 * What a start weighs; the first is number 0. With x = e + number, 1 / ln x falls and is convex, so this, its slope at x + 1, is less than
 * its fall from x to x + 1; and from number 1 on all falls together are 1 / ln(e + 1) = 1 - FIRST_WEIGHT.
 */
export function startWeight(number: number): number {
  if (number === 0) return FIRST_WEIGHT;
  const x = Math.E + number + 1;
  const log = Math.log(x);
  return 1 / (x * log * log);
}
