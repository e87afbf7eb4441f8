import type { Action } from './trader.ts';

/** Who answered a call: the model, a fallback because the breaker refused it or because it failed, or nobody (an error). */
export const SOURCES = ['model', 'rejected', 'failed', 'error'] as const;

/** See {@link SOURCES}. */
export type Source = (typeof SOURCES)[number];

/** Later than this after the bot asked, an answer is of no use to it: its budget of 20 ms and 5 ms on top. In milliseconds. */
export const LATE_MS = 25;

const PENDING = 255;

/** One call, as the bot saw it. */
export interface CallRecord {
  /** When the bot asked, in milliseconds from the start of the run. */
  readonly askedMs: number;
  /** How long it waited, in milliseconds; undefined while it still does. */
  readonly tookMs: number | undefined;
  readonly source: Source | undefined;
}

/** What the bot asked and got, call by call, in arrays that are made before the run so that keeping them costs it nothing. */
export class CallLog {
  readonly #asked: Float64Array;
  readonly #took: Float64Array;
  readonly #source: Uint8Array;
  /** Calls asked so far. */
  calls = 0;
  /** Answers so far, errors among them. */
  answered = 0;
  /** What reached the bot more than {@link LATE_MS} after it asked: predictions, fallbacks and errors alike. */
  late = 0;
  readonly sources: Record<Source, number> = { model: 0, rejected: 0, failed: 0, error: 0 };
  readonly actions: Record<Action, number> = { buy: 0, sell: 0, hold: 0 };

  /** @param capacity - calls of the run */
  constructor(capacity: number) {
    this.#asked = new Float64Array(capacity);
    this.#took = new Float64Array(capacity);
    this.#source = new Uint8Array(capacity).fill(PENDING);
  }

  /** The bot asks; gives the number of the call. */
  ask(atMs: number): number {
    this.#asked[this.calls] = atMs;
    return this.calls++;
  }

  /** The bot was answered. */
  answer(call: number, atMs: number, source: Source, action: Action): void {
    const took = atMs - (this.#asked[call] ?? 0);
    this.#took[call] = took;
    this.#source[call] = SOURCES.indexOf(source);
    this.answered++;
    this.sources[source]++;
    this.actions[action]++;
    if (took > LATE_MS) this.late++;
  }

  /** One call by its number. */
  at(call: number): CallRecord {
    const source = SOURCES[this.#source[call] ?? PENDING];
    return { askedMs: this.#asked[call] ?? 0, tookMs: source && this.#took[call], source };
  }

  /** The calls asked from one time to another (exclusive), in milliseconds from the start. */
  *between(fromMs: number, toMs: number): Generator<CallRecord, void, void> {
    for (let call = 0; call < this.calls; call++) {
      const record = this.at(call);
      if (record.askedMs >= fromMs && record.askedMs < toMs) yield record;
    }
  }
}
