import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { AdminError } from './admin-error.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Encode } from './definitions.ts';
import { EventBasket } from './event-basket.ts';
import { type AdministeredEvent, breakerOf, eventMessage } from './event-message.ts';
import { type Later, PacedQueue } from './paced-queue.ts';
import { inSlices } from './slices.ts';
import { StatusRound } from './status-round.ts';
import { type Piece, WatchJournal } from './watch-journal.ts';
import { Snapshots } from './watch-snapshot.ts';
import { Watcher, type WatchSink } from './watcher.ts';

/** Events are gathered for so long; for longer where telling them has taken more than a fortieth of that. */
const GATHER_MS = 250;
const GATHER_AT_MOST_MS = 2_000;
const GATHER_SHARE = 40;

/** Counts are told once in so long, and never more than a fortieth of the process's time. */
const STATUS_MS = 1_000;
const STATUS_SHARE = 40;

/** Without a watcher, events are remembered for so long: one that was cut off comes back. */
const LINGER_MS = 60_000;

/** What the hub works with. */
export interface HubParts {
  readonly breakers: Administered;
  /** Writes a WatchResponse. */
  readonly encode: Encode;
  readonly clock: Clock;
  readonly wallClockNow: () => number;
  readonly later: Later;
  readonly maxWatchers: number;
  readonly onWarning: WarningHandler;
}

/** Tells watchers what happens: gathered by interval, serialised once for all of them, in slices that calls can pass between. */
export class WatchHub {
  readonly #parts: HubParts;
  readonly #journal: WatchJournal;
  readonly #snapshots: Snapshots;
  readonly #round: StatusRound;
  readonly #watchers = new Set<Watcher>();
  readonly #turns: PacedQueue<Watcher>;
  #unsubscribe: (() => void) | undefined;
  #basket = new EventBasket();
  /** The number of the last event, and of the last one that stands in the journal or is forgotten. */
  #sequence = 0;
  #told = 0;
  #gatherMs = GATHER_MS;
  #cancelFlush: (() => void) | undefined;
  #cancelStatus: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;
  #isActive = false;
  #isClosed = false;
  #hasWarned = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#journal = new WatchJournal(randomBytes(6).toString('hex'), parts.encode);
    this.#snapshots = new Snapshots(parts.breakers, parts.encode, parts.clock);
    this.#round = new StatusRound(parts);
    this.#turns = new PacedQueue((watcher) => this.#step(watcher), parts.clock, parts.later);
  }

  /** How many watchers there are. */
  get size(): number {
    return this.#watchers.size;
  }

  /**
   * Begins to tell a watcher.
   * @param token - what it resumes from; empty for everything
   * @returns what ends it
   * @throws AdminError RESOURCE_EXHAUSTED where there are as many as there may be
   */
  watch(names: ReadonlySet<string> | undefined, status: boolean, token: string, sink: WatchSink): () => void {
    if (this.#watchers.size >= this.#parts.maxWatchers) {
      throw new AdminError(
        'RESOURCE_EXHAUSTED',
        'TOO_MANY_WATCHERS',
        `there are ${this.#parts.maxWatchers} watchers already; try again later`,
      );
    }
    if (this.#isClosed) throw new AdminError('UNAVAILABLE', 'CLOSED', 'the admin service is closed');
    this.#activate();
    const from = token === '' ? undefined : this.#journal.read(token);
    const shared = {
      ...{ journal: this.#journal, snapshots: this.#snapshots, encode: this.#parts.encode },
      sequence: () => this.#told,
      wake: (woken: Watcher) => this.#turns.add(woken),
    };
    const watcher = new Watcher({ names, status, from }, sink, shared);
    this.#watchers.add(watcher);
    watcher.wake();
    return () => {
      watcher.end();
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#linger();
    };
  }

  /** How a breaker stands is to be told: something was changed that makes no event. */
  touch(name: string): void {
    if (!this.#isActive) return;
    this.#basket.touch(name);
    this.#flushSoon();
  }

  /** Ends all of it. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.clear();
    this.#deactivate();
  }

  #hear(event: AdministeredEvent): void {
    // One for each call in mode observe, and counted there.
    if (event.type === 'shadow') return;
    this.#sequence++;
    this.#basket.add(event, this.#sequence, this.#parts.wallClockNow());
    this.#flushSoon();
  }

  #activate(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    if (this.#isActive) return;
    this.#isActive = true;
    this.#unsubscribe = this.#parts.breakers.subscribe((event) => this.#hear(event));
    this.#round.begin();
    this.#statusLater(STATUS_MS);
  }

  #linger(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = this.#parts.later(LINGER_MS, () => this.#deactivate());
  }

  #deactivate(): void {
    for (const cancel of [this.#cancelFlush, this.#cancelStatus, this.#cancelLinger]) cancel?.();
    this.#cancelFlush = undefined;
    this.#unsubscribe?.();
    this.#isActive = false;
    this.#basket = new EventBasket();
    this.#told = this.#sequence;
    this.#journal.forget();
    this.#round.end();
    this.#snapshots.clear();
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined) return;
    this.#cancelFlush = this.#parts.later(this.#gatherMs, () => void this.#guarded(() => this.#flush()));
  }

  async #flush(): Promise<void> {
    const { events, names, missed } = this.#basket.content();
    const sequence = this.#sequence;
    this.#basket = new EventBasket();
    try {
      const { clock, encode } = this.#parts;
      const pieces: Piece[] = [];
      let busyMs = await inSlices(events, clock, (heard) => {
        const message = eventMessage(heard.event, heard.sequence, heard.wallMs);
        pieces.push({ name: breakerOf(heard.event), bytes: encode({ events: [message] }), sequence: heard.sequence });
      });
      busyMs += await inSlices(names, clock, (name) => pieces.push(this.#standing(name)));
      if (!this.#isActive) return;
      this.#journal.add(pieces, this.#told, sequence, missed);
      this.#told = sequence;
      for (const watcher of this.#watchers) watcher.wake();
      this.#gatherMs = Math.min(Math.max(GATHER_MS, GATHER_SHARE * busyMs), GATHER_AT_MOST_MS);
    } catch (error) {
      // Watchers are told everything anew.
      this.#told = sequence;
      this.#journal.forget();
      throw error;
    } finally {
      this.#cancelFlush = undefined;
      if (!this.#basket.isEmpty && this.#isActive) this.#flushSoon();
    }
  }

  #standing(name: string): Piece {
    const { breakers, encode } = this.#parts;
    const info = breakers.describe([name]).find(({ snapshot }) => snapshot.name === name);
    if (info === undefined) {
      this.#round.forget(name);
      return { name, bytes: encode({ removed: [name] }) };
    }
    this.#round.told(info);
    return { name, bytes: encode({ breakers: [breakerMessage(info)] }) };
  }

  #statusLater(ms: number): void {
    const tell = async (): Promise<void> => {
      const busyMs = (await this.#guarded(() => this.#tellStatus())) ?? 0;
      if (this.#isActive) this.#statusLater(Math.max(STATUS_MS, STATUS_SHARE * busyMs));
    };
    this.#cancelStatus = this.#parts.later(ms, () => void tell());
  }

  async #tellStatus(): Promise<number> {
    this.#snapshots.tidy();
    const wanting = [...this.#watchers].filter(({ wish }) => wish.status);
    const { pieces, come, gone, busyMs } = await this.#round.look(wanting.length > 0);
    for (const name of [...come, ...gone]) this.touch(name);
    const responsesFor = this.#round.pack(pieces);
    return busyMs + (await inSlices(wanting, this.#parts.clock, (watcher) => watcher.tellStatus(responsesFor)));
  }

  #step(watcher: Watcher): void {
    try {
      watcher.step();
    } catch (error) {
      this.#warn(error);
      watcher.close();
    }
  }

  /** A bug of ours is told once, and costs watchers something at most. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  #warn(error: unknown): void {
    if (!this.#hasWarned) this.#parts.onWarning('telling the watchers of the admin service failed (said once)', error);
    this.#hasWarned = true;
  }
}
