import type { ShedConfig } from '../options.ts';
import { TimeWindow } from '../window/time-window.ts';

/**
 * Client-side throttling as Google's SRE book has it ("Handling Overload", Beyer et al. 2016): a call is refused with probability
 * max(0, (requests - K x accepts) / (requests + 1)). Requests are all that callers ask for, refused ones too; accepts are those that
 * the dependency answered. So a share keeps going through, whatever happens, and finds out when things are better.
 */
export class Shedder {
  readonly #k: number;
  readonly #random: () => number;
  readonly #requests: TimeWindow;
  readonly #accepts: TimeWindow;

  constructor({ k, window }: ShedConfig, random: () => number) {
    this.#k = k;
    this.#random = random;
    this.#requests = new TimeWindow(window.durationMs, window.slices);
    this.#accepts = new TimeWindow(window.durationMs, window.slices);
  }

  /** The probability that a call is refused now. */
  share(nowMs: number): number {
    this.#requests.advance(nowMs);
    this.#accepts.advance(nowMs);
    const requests = this.#requests.total;
    return Math.max(0, (requests - this.#k * this.#accepts.total) / (requests + 1));
  }

  /** A call is asked for; whether it passes. */
  admits(nowMs: number): boolean {
    const share = this.share(nowMs);
    this.#requests.record(false, nowMs);
    return share === 0 || this.#random() >= share;
  }

  /** The dependency answered a call. */
  accepted(nowMs: number): void {
    this.#accepts.record(false, nowMs);
  }

  /** Forgets everything. */
  clear(): void {
    this.#requests.clear();
    this.#accepts.clear();
  }
}
