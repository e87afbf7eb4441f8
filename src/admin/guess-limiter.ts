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
 * Slows down who tries tokens: after {@link BURST} wrong ones, an address is refused without a look at its token until a second has passed, and so on.
 * Nobody is locked out: a right token from another address is not concerned.
 */
export class GuessLimiter {
  readonly #byAddress = new Map<string, Guesses>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a peer's token is to be looked at. */
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
