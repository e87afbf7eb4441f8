import type { BreakerConfig } from '../options.ts';

/**
 * How long each open period lasts: exponential backoff with jitter as in gRPC's connection backoff protocol
 * (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md): the length is capped first and then spread by
 * plus or minus the jitter, so that many clients at the cap do not come back in the same instant.
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
    const length = Math.min(openForMs * backoffFactor ** this.#trips, Math.max(openForMs, backoffMaxMs));
    this.#trips++;
    return jitter === 0 ? length : length * (1 + jitter * (2 * this.#random() - 1));
  }

  /** Begins again at the first length. */
  reset(): void {
    this.#trips = 0;
  }
}
