/** Alternatives lie this factor of the odds apart: between two of them about 6 % of the evidence is lost. */
const STEP = 2;
/** The odds of the mildest alternative, as a multiple of the odds at the limit. */
const MILDEST = 1.25;
/** Evidence beyond what is needed is kept up to this factor: what was long ago must not speak for ever. */
const SURPLUS = 1_000;
/** Weight of the start at the first call. Those after it have the rest: the sum of all is at most 1. */
const FIRST_START = 1 - 1 / Math.log(Math.E + 1);

/**
 * Tests at every call whether hits are more frequent than a share allows. In all calls between two `clear`s together, it is wrong with
 * a probability of at most `alpha`, however often it is asked.
 *
 * Under the null hypothesis each call is a hit with a probability of at most `share`, whatever came before it. For an alternative share q
 * the likelihood ratio of the calls since a fixed start is a supermartingale that begins at 1; so is every weighted mean of such ratios,
 * over alternatives (a mixture: Robbins 1970) and over starts. By Ville's inequality (1939) a nonnegative supermartingale that begins at 1
 * ever reaches 1 / alpha with a probability of at most alpha. Howard, Ramdas, McAuliffe and Sekhon (2021) treat such bounds at length.
 *
 * Every call is a start, so that evidence is not diluted by the healthy calls before a fault, as in the procedure of Shiryaev and Roberts;
 * but start j weighs about 1 / (j ln^2 j), whose sum is finite. That is what holds over a whole life, and it costs ln j nats more.
 * All starts together are one number for each alternative. It changes with a hit; misses only count, as their effect is a geometric sum.
 */
export class TimeUniformBound {
  /** ln of what a miss multiplies the ratio by, for each alternative. */
  readonly #missLog: readonly number[];
  /** What a hit multiplies the ratio by. */
  readonly #hitFactor: readonly number[];
  /** The ratios, starts and alternatives weighted: their sum is compared with 1 / alpha. */
  readonly #ratios: number[];
  readonly #needed: number;
  /** Calls up to the last hit. */
  #calls = 0;
  /** Misses since then. */
  #misses = 0;

  /**
   * @param share - the share of hits that is still all right, over 0 and under 1
   * @param alpha - the probability of ever being wrong, over 0 and under 1
   */
  constructor(share: number, alpha: number) {
    const odds = share / (1 - share);
    const severest = Math.max(20, 64 * odds);
    const missLog: number[] = [];
    const hitFactor: number[] = [];
    for (let other = odds * MILDEST; other < severest * STEP; other *= STEP) {
      const q = other / (1 + other);
      hitFactor.push(q / share);
      missLog.push(Math.log1p(-q) - Math.log1p(-share));
    }
    this.#missLog = missLog.slice();
    this.#hitFactor = hitFactor.slice();
    this.#ratios = missLog.map(() => 0);
    this.#needed = 1 / alpha;
    this.clear();
  }

  /** The weight of the evidence, in nats. It is enough at -ln(alpha). */
  get evidence(): number {
    return Math.log(this.#ratios.reduce((sum, ratio) => sum + ratio, 0));
  }

  /** Takes a miss in. */
  miss(): void {
    this.#misses++;
  }

  /** Takes a hit in; true when chance no longer explains how many there are. */
  hit(): boolean {
    const misses = this.#misses;
    const at = this.#calls + misses;
    const weight = startWeight(at) / this.#ratios.length;
    let sum = 0;
    for (let k = 0; k < this.#ratios.length; k++) {
      const miss = this.#missLog[k] as number;
      const kept = misses === 0 ? 1 : Math.exp(misses * miss);
      // A start before each miss and one before this hit. Earlier ones weigh more: taking all like the last errs on the safe side.
      const starts = (1 - kept) / Math.expm1(-miss) + 1;
      const ratio = ((this.#ratios[k] as number) * kept + weight * starts) * (this.#hitFactor[k] as number);
      this.#ratios[k] = ratio;
      sum += ratio;
    }
    this.#calls = at + 1;
    this.#misses = 0;
    // Less is always allowed: a supermartingale may be cut.
    if (sum > this.#needed * SURPLUS) this.#scale((this.#needed * SURPLUS) / sum);
    return sum >= this.#needed;
  }

  /** Forgets the evidence, but not how many calls there were: the bound still holds for all of them together. */
  restart(): void {
    this.#calls += this.#misses;
    this.#misses = 0;
    if (this.#calls > 0) this.#ratios.fill(0);
  }

  /** Forgets everything: a new life begins, with an `alpha` of its own. */
  clear(): void {
    this.#calls = 0;
    this.#misses = 0;
    this.#ratios.fill(FIRST_START / this.#ratios.length);
  }

  #scale(factor: number): void {
    for (let k = 0; k < this.#ratios.length; k++) this.#ratios[k] = (this.#ratios[k] as number) * factor;
  }
}

/**
 * What the start before call `at` weighs (the first call is 0). With x = e + 1 + at, 1 / ln x falls and is convex; so this, its slope at
 * x + 1, is less than its fall from x to x + 1, and all falls together are 1 / ln(e + 1) = 1 - FIRST_START.
 */
function startWeight(at: number): number {
  const x = Math.E + 2 + at;
  const log = Math.log(x);
  return 1 / (x * log * log);
}
