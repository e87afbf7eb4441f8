import type { Clock } from '../core/clock.ts';

/** Wrong tokens at once, and one more for each second. */
const BURST = 20;
const REFILL_MS = 1_000;

/** More addresses than this are not remembered: the one that was wrong longest ago goes first. */
const MAX_ADDRESSES = 1_000;

interface Guesses {
  /** Wrong tokens that are held against an address. */
  count: number;
  sinceMs: number;
}

/**
 * Counts wrong tokens by address: beyond {@link BURST}, and one more each second, they are refused as too many, without a warning.
 * It is asked about wrong tokens only, so that nobody who has a right one is locked out by a neighbour behind the same address.
 */
export class GuessLimiter {
  readonly #byAddress = new Map<string, Guesses>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether another wrong token of a peer is nothing out of the ordinary. */
  allows(peer: string): boolean {
    const address = addressOf(peer);
    const guesses = this.#byAddress.get(address);
    if (guesses === undefined) return true;
    const now = this.#clock.now();
    const refilled = Math.floor((now - guesses.sinceMs) / REFILL_MS);
    if (refilled > 0) {
      guesses.count = Math.max(0, guesses.count - refilled);
      guesses.sinceMs += refilled * REFILL_MS;
    }
    if (guesses.count === 0) this.#byAddress.delete(address);
    return guesses.count < BURST;
  }

  /** A peer's token was wrong. True for the first one of a series. */
  wasWrong(peer: string): boolean {
    const address = addressOf(peer);
    const guesses = this.#byAddress.get(address) ?? { count: 0, sinceMs: this.#clock.now() };
    guesses.count++;
    this.#byAddress.delete(address);
    this.#byAddress.set(address, guesses);
    if (this.#byAddress.size > MAX_ADDRESSES) {
      const [oldest] = this.#byAddress.keys();
      if (oldest !== undefined) this.#byAddress.delete(oldest);
    }
    return guesses.count === 1;
  }

  /** How many addresses it remembers. */
  get size(): number {
    return this.#byAddress.size;
  }
}

/** The address of a peer without its port; of IPv6 the network, because whoever has one has 2^64 addresses in it. */
function addressOf(peer: string): string {
  const bracketed = /^\[?([0-9a-fA-F:.%\w]*:[0-9a-fA-F:.%\w]*?)\]?:\d+$/.exec(peer);
  const host = bracketed?.[1];
  if (host === undefined || host.startsWith('::ffff:')) return peer.replace(/:\d+$/, '');
  return host.split(':').slice(0, 4).join(':');
}
