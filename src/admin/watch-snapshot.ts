import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Encode } from './definitions.ts';

/** Breakers in one response: they are looked at and written in one go. */
const CHUNK = 50;

/** Chunks are good for others that come within this time. */
const SHARED_FOR_MS = 1_000;

/** Breakers to tell a watcher, in chunks that are made when they are wanted: of a watcher that hangs, only names are kept. */
export class WatchSnapshot {
  readonly #names: readonly string[];
  readonly #madeAtMs: number;
  readonly #breakers: Administered;
  readonly #encode: Encode;
  #shared: Buffer[] | undefined = [];

  constructor(names: readonly string[], nowMs: number, breakers: Administered, encode: Encode) {
    this.#names = names;
    this.#madeAtMs = nowMs;
    this.#breakers = breakers;
    this.#encode = encode;
  }

  /** A chunk as a response; undefined behind the last one. */
  chunk(index: number): Buffer | undefined {
    const names = this.#names.slice(index * CHUNK, (index + 1) * CHUNK);
    if (names.length === 0) return undefined;
    const made = this.#shared?.[index] ?? this.#make(names);
    if (this.#shared !== undefined) this.#shared[index] = made;
    return made;
  }

  /** Whether another watcher may be told by it. */
  isFresh(nowMs: number): boolean {
    return this.#shared !== undefined && nowMs - this.#madeAtMs < SHARED_FOR_MS;
  }

  /** Its chunks are not kept any longer. */
  unshare(): void {
    this.#shared = undefined;
  }

  #make(names: readonly string[]): Buffer {
    const known = this.#breakers.describe(names);
    return this.#encode({ snapshot: true, breakers: known.map(breakerMessage) });
  }
}

/** Snapshots of all breakers, one for all who come at about the same time. */
export class Snapshots {
  readonly #breakers: Administered;
  readonly #encode: Encode;
  readonly #clock: Clock;
  #latest: WatchSnapshot | undefined;

  constructor(breakers: Administered, encode: Encode, clock: Clock) {
    this.#breakers = breakers;
    this.#encode = encode;
    this.#clock = clock;
  }

  /** A snapshot of these breakers; undefined for all. */
  take(names: ReadonlySet<string> | undefined): WatchSnapshot {
    const now = this.#clock.now();
    if (names !== undefined) {
      const own = new WatchSnapshot([...names], now, this.#breakers, this.#encode);
      own.unshare();
      return own;
    }
    if (this.#latest?.isFresh(now) === true) return this.#latest;
    this.#latest?.unshare();
    const all = this.#breakers.list().map(({ name }) => name);
    this.#latest = new WatchSnapshot(all, now, this.#breakers, this.#encode);
    return this.#latest;
  }

  /** Gives back the memory of chunks that are too old to share. */
  tidy(): void {
    if (this.#latest?.isFresh(this.#clock.now()) === false) {
      this.#latest.unshare();
      this.#latest = undefined;
    }
  }
}
