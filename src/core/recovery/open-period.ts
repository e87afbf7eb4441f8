import type { BreakerConfig } from '../options.ts';

/**
 * How long each open period lasts: exponential backoff with plus or minus jitter, as in gRPC's connection backoff protocol
 * (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md). Unlike there, the longest period holds with its jitter: at it the
 * spread goes downwards only, so that many clients at the cap do not come back in the same instant.
 */
export class OpenPeriod {
  #config: BreakerConfig;
  readonly #random: () => number;
  #trips = 0;
  /** Not before so many milliseconds does a period end early: the first length, with the same jitter, or what the server asked for. */
  earliestMs = 0;
  #closedMs = Number.NEGATIVE_INFINITY;
  /** Until then the server asked to be left alone. */
  #pushedBackUntilMs = Number.NEGATIVE_INFINITY;

  constructor(config: BreakerConfig, random: () => number) {
    this.#config = config;
    this.#random = random;
  }

  /** Goes on with another configuration, from the next period on. */
  reconfigure(config: BreakerConfig): void {
    this.#config = config;
  }

  /** The next period's length in milliseconds; each one in a row, and each one soon after a recovery, is longer. */
  next(nowMs: number): number {
    const { openForMs, backoffFactor, backoffMaxMs, jitter, stabilityMs } = this.#config;
    if (nowMs - this.#closedMs >= stabilityMs) this.#trips = 0;
    this.#closedMs = Number.POSITIVE_INFINITY;
    const longest = Math.max(openForMs, backoffMaxMs);
    const length = Math.min(openForMs * backoffFactor ** this.#trips, longest);
    this.#trips++;
    const spread = this.#spread(length, longest, jitter);
    const pushedBackMs = this.#pushedBackUntilMs - nowMs;
    this.earliestMs = Math.max((spread * openForMs) / length, pushedBackMs);
    return Math.max(spread, pushedBackMs);
  }

  /** The server asks to be left alone for so long, in milliseconds over 0; returns until when. */
  pushBack(ms: number, nowMs: number): number {
    const { openForMs, backoffMaxMs } = this.#config;
    const asked = Math.min(ms, Math.max(openForMs, backoffMaxMs));
    this.#pushedBackUntilMs = Math.max(this.#pushedBackUntilMs, nowMs + asked);
    return this.#pushedBackUntilMs;
  }

  /** A trip now would be longer than the first one. */
  remembers(nowMs: number): boolean {
    return (this.#trips > 0 && nowMs - this.#closedMs < this.#config.stabilityMs) || this.#pushedBackUntilMs > nowMs;
  }

  /** It closed by itself: should it trip soon, the periods go on growing. */
  closed(nowMs: number): void {
    this.#closedMs = nowMs;
  }

  /** Begins again at the first length. */
  reset(): void {
    this.#trips = 0;
    this.#pushedBackUntilMs = Number.NEGATIVE_INFINITY;
  }

  #spread(length: number, longest: number, jitter: number): number {
    if (jitter === 0) return length;
    const from = length * (1 - jitter);
    const to = Math.min(length * (1 + jitter), longest);
    return from + (to - from) * this.#random();
  }
}
