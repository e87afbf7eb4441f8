import type { SlowCallRateConfig } from '../options.ts';
import type { SlowCallRateVerdict } from '../verdict.ts';
import { createWindow } from '../window/create-window.ts';
import type { RateWindow } from '../window/rate-window.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';
import { rateIsMet, rateOf } from './rate.ts';

/** Met when the share of calls over the slow limit, failed ones included, reaches the threshold. */
export class SlowCallRate implements TripCondition {
  readonly #config: SlowCallRateConfig;
  readonly #window: RateWindow;
  readonly slowerThanMs: number;

  constructor(config: SlowCallRateConfig) {
    this.#config = config;
    this.#window = createWindow(config.window);
    this.slowerThanMs = config.slowerThanMs;
  }

  get name(): 'slowCallRate' {
    return 'slowCallRate';
  }

  record(_failed: boolean, durationMs: number, nowMs: number, wasSlow: boolean): boolean {
    // Its slowness is in the window already; or nobody knows how slow it was.
    if (wasSlow || !(durationMs >= 0)) return false;
    this.#window.record(durationMs > this.slowerThanMs, nowMs);
    return rateIsMet(this.#window, this.#config);
  }

  recordSlow(nowMs: number): boolean {
    this.#window.record(true, nowMs);
    return rateIsMet(this.#window, this.#config);
  }

  isSpotless(nowMs: number): boolean {
    this.#window.advance(nowMs);
    return this.#window.hits === 0;
  }

  verdict(): SlowCallRateVerdict {
    const { hits: slow, total: calls } = this.#window;
    const { threshold, window, slowerThanMs } = this.#config;
    return { reason: 'slowCallRate', slow, calls, rate: rateOf(this.#window), threshold, slowerThanMs, window };
  }

  snapshot(nowMs: number): ConditionSnapshot {
    this.#window.advance(nowMs);
    return {
      condition: 'slowCallRate',
      value: rateOf(this.#window),
      threshold: this.#config.threshold,
      calls: this.#window.total,
      slowerThanMs: this.slowerThanMs,
    };
  }

  clear(): void {
    this.#window.clear();
  }
}
