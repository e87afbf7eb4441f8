import { meanRunLength, upperProbability } from './run-length.ts';

/** What a chart works with while the usual share of hits is at most `usual`. Evidence is counted in steps: a result that is no hit takes one away. */
export interface ChartPlan {
  /** The usual share of hits, at its upper confidence bound, rounded up to the grid. */
  readonly usual: number;
  /** A step, in nats (log likelihood ratio). */
  readonly nats: number;
  /** Steps that a hit adds. */
  readonly up: number;
  /** Steps that trip alone. */
  readonly alarm: number;
  /** Steps that make suspicious: the first of two stages. */
  readonly suspicion: number;
  /** Steps at which the second stage takes the dependency for a sick one. */
  readonly confirmed: number;
  /** Steps, below 0, at which it takes it for a healthy one. */
  readonly cleared: number;
}

/** No usual share is taken to be smaller: to learn of one in 10,000 takes more calls than a baseline remembers. */
const SMALLEST_SHARE = 1e-4;

/** The grid of usual shares: each is so many times the one before. */
const GRID = 1.1;

/**
 * The second stage is a sequential probability ratio test (Wald 1945): a healthy dependency is taken for a sick one at most so often, and a sick one
 * for a healthy one in 1 of 20 cases, which then begins again.
 */
const WRONGLY_CONFIRMED = 1 / 4_000;
const CLEARED_NATS = -3;

/** The most that can be usual. */
function mostUsual(unhealthy: number): number {
  return Math.min(unhealthy / 2, 1 / 3);
}

/** The plans of one configuration, worked out when they are first needed: from some microseconds to some milliseconds each. */
export class ChartPlans {
  readonly #unhealthy: number;
  readonly #runLength: number;
  readonly #plans: ChartPlan[] = [];
  /** Before anything is learned, a tenth of what is unhealthy counts as usual. */
  readonly prior: ChartPlan;

  /**
   * @param unhealthy - the share of hits that must be caught
   * @param runLength - calls between false alarms of one chart, on average
   */
  constructor(unhealthy: number, runLength: number) {
    this.#unhealthy = unhealthy;
    this.#runLength = runLength;
    this.prior = this.for(unhealthy / 10);
  }

  /** The plan for a usual share of hits. Half of what is unhealthy is the most that can be usual, and never more than a third. */
  for(share: number): ChartPlan {
    const most = mostUsual(this.#unhealthy);
    const cell = Math.max(0, Math.ceil(Math.log(share / SMALLEST_SHARE) / Math.log(GRID) - 1e-9));
    const usual = Math.min(SMALLEST_SHARE * GRID ** cell, most);
    const at = usual === most ? Math.ceil(Math.log(most / SMALLEST_SHARE) / Math.log(GRID)) : cell;
    let plan = this.#plans[at];
    if (plan === undefined) {
      plan = this.#make(usual);
      this.#plans[at] = plan;
    }
    return plan;
  }

  /** Page's likelihood ratios, with the ratio of the two steps rounded to a whole number so that the run length is exact. */
  #make(usual: number): ChartPlan {
    // A share of all calls would make a single success impossible.
    const sick = Math.min(this.#unhealthy, 0.9);
    const miss = -Math.log((1 - sick) / (1 - usual));
    const odds = Math.log((sick * (1 - usual)) / (usual * (1 - sick)));
    const up = Math.max(1, Math.round(odds / miss) - 1);
    const calls = this.#runLength;
    const suspect = Math.max(100, calls * WRONGLY_CONFIRMED);
    const cleared = Math.floor(CLEARED_NATS / miss);
    return {
      usual,
      nats: miss,
      up,
      alarm: least((threshold) => meanRunLength(usual, up, threshold) >= calls, Math.log(calls) / miss),
      suspicion: least((threshold) => meanRunLength(usual, up, threshold) >= suspect, Math.log(suspect) / miss),
      confirmed: least(
        (upper) => upperProbability(usual, up, cleared, upper) <= WRONGLY_CONFIRMED,
        -Math.log(WRONGLY_CONFIRMED) / miss,
      ),
      cleared,
    };
  }
}

/** The least whole number from 1 on for which something holds that also holds for all larger ones; looked for around a guess, because looks are dear. */
function least(holds: (value: number) => boolean, guess: number): number {
  let high = Math.ceil(guess);
  while (!holds(high)) high = Math.ceil(high * 1.25);
  let low = Math.floor(high / 1.25);
  while (low > 0 && holds(low)) {
    high = low;
    low = Math.floor(low / 1.25);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
