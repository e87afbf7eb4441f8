import type { BreakerConfig } from '../options.ts';
import type { Judge } from '../trip/judge.ts';
import type { Verdict } from '../verdict.ts';
import { HalfOpen } from './half-open.ts';
import { OpenPeriod } from './open-period.ts';

/** From a trip until traffic is back: how long each open period lasts, the half-open trials, and the length of the ramp. */
export class Recovery {
  #rampUpMs: number;
  readonly #judge: Judge;
  readonly periods: OpenPeriod;
  readonly trials: HalfOpen;
  #outageSinceMs = 0;

  constructor(config: BreakerConfig, judge: Judge, random: () => number) {
    this.#rampUpMs = config.rampUpMs;
    this.#judge = judge;
    this.periods = new OpenPeriod(config, random);
    this.trials = new HalfOpen(config, judge);
  }

  /**
   * Goes on with another configuration.
   * @param renewTrials - trials that are under way do not count any more
   */
  reconfigure(config: BreakerConfig, renewTrials: boolean): void {
    this.#rampUpMs = config.rampUpMs;
    this.periods.reconfigure(config);
    if (renewTrials) this.trials.reconfigure(config);
  }

  /** The next trip depends on what was before. */
  remembers(nowMs: number): boolean {
    return this.periods.remembers(nowMs);
  }

  /** The breaker left closed. */
  outageBegins(nowMs: number): void {
    this.#outageSinceMs = nowMs;
  }

  /**
   * The breaker closed.
   * @param verdict - why. Where a person did it, who knows better, nothing is remembered, and all calls pass
   * @returns over how many milliseconds traffic should come back
   */
  outageEnds(verdict: Verdict | undefined, nowMs: number): number {
    if (verdict?.reason === 'forced' || verdict?.reason === 'reset') {
      this.periods.reset();
      this.#judge.adaptive?.recovered();
      return 0;
    }
    this.periods.closed(nowMs);
    return Math.min(this.#rampUpMs, nowMs - this.#outageSinceMs);
  }
}
