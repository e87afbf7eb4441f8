import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Encode } from './definitions.ts';

/** Breakers in one response: they are looked at and written in one go. */
const CHUNK = 50;

/** A snapshot is good for others that come within this time. */
const SHARED_FOR_MS = 1_000;

/** Its chunks are kept for so long, for those who are being told by it; of so many snapshots. */
const KEPT_FOR_MS = 10_000;
const MOST_KEPT = 4;

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

  /** Whether nobody should need its chunks any more. */
  isStale(nowMs: number): boolean {
    return nowMs - this.#madeAtMs >= KEPT_FOR_MS;
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
  /** The newest last. */
  readonly #kept: WatchSnapshot[] = [];

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
    const latest = this.#kept.at(-1);
    if (latest?.isFresh(now) === true) return latest;
    const all = this.#breakers.list().map(({ name }) => name);
    const snapshot = new WatchSnapshot(all, now, this.#breakers, this.#encode);
    this.#kept.push(snapshot);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift()?.unshare();
    return snapshot;
  }

  /** Gives back the memory of chunks that nobody should need any more. */
  tidy(): void {
    const now = this.#clock.now();
    while (this.#kept[0]?.isStale(now) === true) this.#kept.shift()?.unshare();
  }

  /** Gives back all of it. */
  clear(): void {
    for (const snapshot of this.#kept.splice(0)) snapshot.unshare();
  }
}
