import type { FailureRateConfig } from '../options.ts';
import type { FailureRateVerdict } from '../verdict.ts';
import { createWindow } from '../window/create-window.ts';
import type { RateWindow } from '../window/rate-window.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';
import { rateIsMet, rateOf } from './rate.ts';

/** Met when the share of failures in the window reaches the threshold. */
export class FailureRate implements TripCondition {
  readonly #config: FailureRateConfig;
  readonly #window: RateWindow;
  readonly slowerThanMs: number = Infinity;

  constructor(config: FailureRateConfig) {
    this.#config = config;
    this.#window = createWindow(config.window);
  }

  get name(): 'failureRate' {
    return 'failureRate';
  }

  record(failed: boolean, _durationMs: number, nowMs: number, _wasSlow: boolean): boolean {
    this.#window.record(failed, nowMs);
    return rateIsMet(this.#window, this.#config);
  }

  recordSlow(_nowMs: number): boolean {
    return false;
  }

  isSpotless(nowMs: number): boolean {
    this.#window.advance(nowMs);
    return this.#window.hits === 0;
  }

  verdict(): FailureRateVerdict {
    const { hits: failures, total: calls } = this.#window;
    const { threshold, window } = this.#config;
    return { reason: 'failureRate', failures, calls, rate: rateOf(this.#window), threshold, window };
  }

  snapshot(nowMs: number): ConditionSnapshot {
    this.#window.advance(nowMs);
    return {
      condition: 'failureRate',
      value: rateOf(this.#window),
      threshold: this.#config.threshold,
      calls: this.#window.total,
    };
  }

  clear(): void {
    this.#window.clear();
  }
}
