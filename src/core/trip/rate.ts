import type { FailureRateConfig } from '../options.ts';
import type { RateWindow } from '../window/rate-window.ts';

/** The share of hits in a window, 0 when it is empty. */
export function rateOf(window: RateWindow): number {
  return window.total === 0 ? 0 : window.hits / window.total;
}

/** Whether the share of hits has reached the threshold, with enough results to judge. */
export function rateIsMet(window: RateWindow, config: FailureRateConfig): boolean {
  // Multiplied, not divided: 3 of 10 at 30 % must count as reached, whatever 3 / 10 rounds to.
  return window.total >= config.minCalls && window.hits > 0 && window.hits >= config.threshold * window.total - 1e-9;
}
