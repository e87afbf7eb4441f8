import type { ShedConfig } from '../options.ts';
import { TimeWindow } from '../window/time-window.ts';
import { SpareCalls } from './spare-calls.ts';

/**
 * Client-side throttling as Google's SRE book has it ("Handling Overload", Beyer et al. 2016): a call is refused with probability
 * max(0, (requests - K x accepts) / (requests + 1)). Requests are the refused calls, and those that have
 * ended: calls under way are neither accepted nor not, and ignored ones say nothing. Accepts are those that the dependency answered. A few calls a second pass
 * whatever happens: after an outage of everything, the formula alone would let hardly any through, and not find out that it is over.
 */
export class Shedder {
  readonly #k: number;
  readonly #random: () => number;
  /** Requests, and those of them that were accepted. */
  readonly #window: TimeWindow;
  readonly #spare = new SpareCalls(0);

  constructor({ k, window }: ShedConfig, random: () => number) {
    this.#k = k;
    this.#random = random;
    this.#window = new TimeWindow(window.durationMs, window.slices);
  }

  /** The probability that a call is refused now. */
  share(nowMs: number): number {
    const window = this.#window;
    window.advance(nowMs);
    return Math.max(0, (window.total - this.#k * window.hits) / (window.total + 1));
  }

  /** Whether a call passes. One that does is counted when it has ended. */
  admits(nowMs: number): boolean {
    const share = this.share(nowMs);
    if (share === 0 || this.#random() >= share || this.#spare.take(nowMs)) return true;
    this.#window.record(false, nowMs);
    return false;
  }

  /** A call that passed has ended, and the dependency accepted it or not. */
  ended(isAccepted: boolean, nowMs: number): void {
    this.#window.record(isAccepted, nowMs);
  }

  /** Forgets everything. */
  clear(): void {
    this.#window.clear();
  }
}
