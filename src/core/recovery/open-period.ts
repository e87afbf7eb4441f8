import type { BreakerConfig } from '../options.ts';

/**
 * How long each open period lasts: exponential backoff with plus or minus jitter, as in gRPC's connection backoff protocol
 * (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md). Unlike there, the longest period holds with its jitter: at it the
 * spread goes downwards only, so that many clients at the cap do not come back in the same instant.
 */
export class OpenPeriod {
  readonly #config: BreakerConfig;
  readonly #random: () => number;
  #trips = 0;

  constructor(config: BreakerConfig, random: () => number) {
    this.#config = config;
    this.#random = random;
  }

  /** The next period's length in milliseconds; each one in a row is longer. */
  next(): number {
    const { openForMs, backoffFactor, backoffMaxMs, jitter } = this.#config;
    const longest = Math.max(openForMs, backoffMaxMs);
    const length = Math.min(openForMs * backoffFactor ** this.#trips, longest);
    this.#trips++;
    if (jitter === 0) return length;
    const from = length * (1 - jitter);
    const to = Math.min(length * (1 + jitter), longest);
    return from + (to - from) * this.#random();
  }

  /** Begins again at the first length. */
  reset(): void {
    this.#trips = 0;
  }
}
