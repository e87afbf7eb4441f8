import { Adaptive } from '../../../src/core/trip/adaptive/adaptive.ts';
import { parseBareBreaker } from '../../../src/policy/breaker-options.ts';
import type { AdaptiveOptions } from '../../../src/policy/trip-options.ts';
import { normal } from './random.ts';

/** The condition by its options in the user's words. */
export function adaptive(options: AdaptiveOptions = {}): Adaptive {
  const { config } = parseBareBreaker({ trip: { adaptive: options } });
  if (config.trip.adaptive === undefined) throw new Error('parsed without adaptive');
  return new Adaptive(config.trip.adaptive);
}

/** What a dependency is like. */
export interface Traffic {
  /** The share of calls that fail. */
  readonly failing: number;
  /** Every latency is multiplied by this. */
  readonly times: number;
}

export const HEALTHY: Traffic = { failing: 0.001, times: 1 };

/** Calls one after the other, some milliseconds apart, with lognormal latencies around 5 ms. */
export class Client {
  nowMs = 0;
  readonly condition: Adaptive;
  readonly #everyMs: number;
  readonly #random: () => number;

  constructor(condition: Adaptive, everyMs: number, random: () => number) {
    this.condition = condition;
    this.#everyMs = everyMs;
    this.#random = random;
  }

  /** One call; true when it trips. */
  call({ failing, times }: Traffic): boolean {
    this.nowMs += this.#everyMs;
    const failed = this.#random() < failing;
    const durationMs = failed ? 2 : 5 * times * Math.exp(0.3 * normal(this.#random));
    return this.condition.record(failed, durationMs, this.nowMs, false);
  }

  /** So many calls, or until it trips; how often it tripped, where a trip is forgotten at once. */
  calls(count: number, traffic: Traffic): number {
    let trips = 0;
    for (let i = 0; i < count; i++) {
      if (!this.call(traffic)) continue;
      trips++;
      this.condition.clear();
    }
    return trips;
  }

  /** Calls until it trips; NaN after too many. */
  callsToTrip(traffic: Traffic, most = 100_000): number {
    for (let i = 1; i <= most; i++) {
      if (!this.call(traffic)) continue;
      this.condition.clear();
      return i;
    }
    return Number.NaN;
  }
}

/** The mean of some numbers. */
export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
