import type { Encode } from './definitions.ts';
import { batchFor, type WatchJournal } from './watch-journal.ts';
import type { Snapshots, WatchSnapshot } from './watch-snapshot.ts';

/** Where a watcher's responses go. */
export interface WatchSink {
  /** Writes a response; `done` is called when the connection has taken it. */
  write(response: Buffer, done: () => void): void;
  /** Ends it because the service is closed. */
  close(): void;
}

/** What a watcher wants. */
export interface WatchWish {
  /** Undefined for all breakers. */
  readonly names: ReadonlySet<string> | undefined;
  /** Also counts. */
  readonly status: boolean;
  /** Where it goes on; undefined for a snapshot first. */
  readonly from: { readonly number: number; readonly sequence: number } | undefined;
}

/** What watchers share. */
export interface WatcherParts {
  readonly journal: WatchJournal;
  readonly snapshots: Snapshots;
  readonly encode: Encode;
  /** The number of the last event that stands in the journal, or is forgotten. */
  readonly sequence: () => number;
  /** Gives a watcher its turn. */
  readonly wake: (watcher: Watcher) => void;
}

/** How far a watcher is in a snapshot, and what it stands for. */
interface Progress {
  readonly of: WatchSnapshot;
  readonly number: number;
  readonly sequence: number;
  next: number;
}

/**
 * One watcher. One response at a time is with its connection, and what comes next is made when that is taken: of one that hangs, nothing is kept
 * but where it stands.
 */
export class Watcher {
  readonly wish: WatchWish;
  readonly #sink: WatchSink;
  readonly #parts: WatcherParts;
  /** The last batch and the last event that it was told. */
  #number: number;
  #sequence: number;
  #snapshot: Progress | undefined;
  #missed = 0;
  #status: Buffer[] = [];
  /** It was not told of a change of counts. */
  #isStale = false;
  #isWriting = false;
  #hasEnded = false;

  constructor(wish: WatchWish, sink: WatchSink, parts: WatcherParts) {
    this.wish = wish;
    this.#sink = sink;
    this.#parts = parts;
    this.#number = wish.from?.number ?? 0;
    this.#sequence = wish.from?.sequence ?? parts.sequence();
    if (wish.from === undefined) this.#beginSnapshot();
  }

  /** There may be something to tell. */
  wake(): void {
    if (!this.#isWriting && !this.#hasEnded) this.#parts.wake(this);
  }

  /** Writes the next response that it has not been told. When the connection has taken it, the one behind it has its turn. */
  step(): void {
    if (this.#isWriting || this.#hasEnded) return;
    const response = this.#next();
    if (response === undefined) return;
    this.#isWriting = true;
    this.#sink.write(response, () => {
      this.#isWriting = false;
      this.wake();
    });
  }

  /** Tells it how breakers stand whose counts have changed. One that is slow is told everything, later. */
  tellStatus(responsesFor: (names: ReadonlySet<string> | undefined) => readonly Buffer[]): void {
    if (!this.wish.status || this.#hasEnded) return;
    if (this.#isWriting || this.#snapshot !== undefined || this.#status.length > 0) {
      this.#isStale = true;
      this.#status = [];
      return;
    }
    if (this.#isStale) this.#beginSnapshot();
    else this.#status = [...responsesFor(this.wish.names)];
    this.wake();
  }

  /** It wants nothing more. */
  end(): void {
    this.#hasEnded = true;
    this.#status = [];
    this.#snapshot = undefined;
  }

  /** Ends it because the service is closed. */
  close(): void {
    this.end();
    this.#sink.close();
  }

  #next(): Buffer | undefined {
    if (this.#snapshot !== undefined) return this.#nextOfSnapshot(this.#snapshot);
    for (;;) {
      const batch = this.#parts.journal.after(this.#number);
      if (batch === undefined) return this.#status.shift();
      if (batch === 'lost') return this.#nextOfSnapshot(this.#beginSnapshot());
      this.#number = batch.number;
      this.#sequence = batch.sequence;
      const response = batchFor(batch, this.wish.names);
      if (response !== undefined) return response;
    }
  }

  #beginSnapshot(): Progress {
    const { journal, snapshots, sequence } = this.#parts;
    this.#isStale = false;
    this.#status = [];
    const told = sequence();
    this.#missed += Math.max(0, told - this.#sequence);
    this.#sequence = told;
    const snapshot = { of: snapshots.take(this.wish.names), number: journal.last, sequence: told, next: 0 };
    this.#snapshot = snapshot;
    return snapshot;
  }

  #nextOfSnapshot(snapshot: Progress): Buffer {
    const chunk = snapshot.of.chunk(snapshot.next++);
    if (chunk !== undefined) return chunk;
    const { journal, encode } = this.#parts;
    const { number, sequence } = snapshot;
    const missed = this.#missed;
    this.#number = number;
    this.#sequence = sequence;
    this.#snapshot = undefined;
    this.#missed = 0;
    return encode({
      resume_token: journal.token(number, sequence),
      ...{ sequence, snapshot: true, snapshot_complete: true, missed_events: missed },
    });
  }
}
