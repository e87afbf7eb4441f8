import type { LatencySloConfig } from '../options.ts';
import type { LatencySloVerdict } from '../verdict.ts';
import { createLatencyWindow } from '../window/create-latency-window.ts';
import { type LatencyWindow, percentileMs } from '../window/latency-window.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';
import type { LatencySnapshot } from './learned.ts';
import { Starts } from './starts.ts';
import { TimeUniformBound } from './time-uniform-bound.ts';

/**
 * The clock that looks after calls under way ticks: a call that is told of as over the limit may have been so for this long, in
 * milliseconds. Too long is on the safe side.
 */
const NOTICED_AFTER_MS = 100;

/**
 * Met when a percentile of the latencies in the window is over its limit, and chance does not explain it.
 *
 * Both are decided from exact counts of calls over the limit; the histogram is for people. A percentile P is over the limit when more than
 * a share of 1 - P is slower. That happens by chance every few hundred calls to a dependency whose percentile is just at the limit, so a
 * {@link TimeUniformBound} has to agree. Its evidence may reach back beyond the window, but not over a time in which the window
 * was empty: a small window must not be blind to a small excess that lasts.
 *
 * A failed call that was faster than the limit says nothing of latency, and is left out.
 */
export class LatencySlo implements TripCondition {
  readonly #config: LatencySloConfig;
  readonly #window: LatencyWindow;
  readonly #starts: Starts;
  readonly #bound: TimeUniformBound;
  /** The share of slower calls that the percentile allows. */
  readonly #allowed: number;
  readonly slowerThanMs: number;

  constructor(config: LatencySloConfig) {
    this.#config = config;
    this.#allowed = 1 - config.percentile;
    this.#window = createLatencyWindow(config.window, config.limitMs);
    this.#starts = new Starts(config.window);
    this.#bound = new TimeUniformBound(this.#allowed, 1 - config.confidence, this.#starts);
    this.slowerThanMs = config.limitMs;
  }

  get name(): 'latencySlo' {
    return 'latencySlo';
  }

  /** Bytes of its arrays: they stay the same, whatever is recorded. */
  get byteLength(): number {
    return this.#window.byteLength + this.#starts.byteLength;
  }

  record(failed: boolean, durationMs: number, nowMs: number, wasSlow: boolean): boolean {
    if (wasSlow) {
      // Counted already; only the histogram did not know how long it would take.
      this.#window.putRight(durationMs, nowMs);
      return false;
    }
    // Not known (negative, or not a number); or an error that came fast.
    if (!(durationMs >= 0) || (failed && durationMs <= this.slowerThanMs)) return false;
    this.#advance(nowMs);
    const isSlow = this.#window.record(durationMs, nowMs);
    this.#starts.record(isSlow, nowMs - durationMs, nowMs);
    return isSlow && this.#isMet();
  }

  recordSlow(nowMs: number): boolean {
    this.#advance(nowMs);
    this.#window.recordUnderWay(nowMs);
    this.#starts.record(true, nowMs - this.slowerThanMs - NOTICED_AFTER_MS, nowMs);
    return this.#isMet();
  }

  isSpotless(nowMs: number): boolean {
    this.#window.advance(nowMs);
    return this.#window.hits === 0;
  }

  verdict(): LatencySloVerdict {
    const { hits: slow, total: calls } = this.#window;
    const { percentile, limitMs, confidence, window } = this.#config;
    const latencyMs = this.#percentile(percentile);
    return { reason: 'latencySlo', slow, calls, percentile, latencyMs, limitMs, confidence, window };
  }

  snapshot(nowMs: number): ConditionSnapshot {
    this.#window.advance(nowMs);
    return {
      condition: 'latencySlo',
      value: this.#percentile(this.#config.percentile),
      threshold: this.#config.limitMs,
      calls: this.#window.total,
      slowerThanMs: this.slowerThanMs,
      latency: this.#latency(),
    };
  }

  clear(): void {
    this.#window.clear();
    this.#starts.clear();
  }

  /** What the window no longer remembers at all is no evidence any more. */
  #advance(nowMs: number): void {
    this.#window.advance(nowMs);
    if (this.#window.total === 0) this.#starts.restart();
  }

  #isMet(): boolean {
    const { hits, total } = this.#window;
    // The tolerance: 10 of 1000 are not over 1 - 0.99, whatever that rounds to.
    return total >= this.#config.minCalls && hits > this.#allowed * total + 1e-9 && this.#bound.isBeyondChance();
  }

  #latency(): LatencySnapshot | undefined {
    if (this.#window.total === 0) return undefined;
    const p99Ms = this.#percentile(0.99);
    const { percentile } = this.#config;
    return { p50Ms: this.#percentile(0.5), p99Ms, limitedMs: percentile === 0.99 ? p99Ms : this.#percentile(percentile) };
  }

  #percentile(percentile: number): number {
    return percentileMs(this.#window, percentile, this.#config.limitMs);
  }
}
