import type { Clock } from '../../core/clock.ts';
import type { Administered } from '../../policy/administered.ts';
import { told } from '../plain-text.ts';
import { inSlices } from '../slices.ts';
import { BreakerHistory, type Change, verdictText } from './breaker-history.ts';
import { type Row, rowOf } from './row.ts';

/** So many breakers have fifteen minutes of history, 7 KB each. The others have their last seconds and their changes. */
const MOST_HISTORIES = 2_000;

/** Times that differ by less are taken for the same: two looks at one clock. */
const SAME_MS = 150;

type Heard = Parameters<Parameters<Administered['subscribe']>[0]>[0];

/** What does not change with a breaker. */
export interface Known {
  readonly id: number;
  readonly name: string;
  readonly target: string;
  readonly method: string;
}

interface Watched {
  readonly known: Known;
  readonly history: BreakerHistory;
  row: Row;
  text: string;
  /** What pages were told last; empty where they do not know of it. */
  toldText: string;
}

/** What a look found. */
export interface Found {
  /** JSON texts of rows that are different from before. */
  readonly rows: readonly string[];
  readonly come: readonly Known[];
  readonly gone: readonly number[];
  /** What it took of the process's time, in milliseconds. */
  readonly busyMs: number;
}

/** What the dashboard sees of the breakers: it looks, remembers fifteen minutes, and says what is different from the look before. */
export class Observatory {
  readonly #breakers: Administered;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  readonly #byId = new Map<number, Watched>();
  readonly #offsetMs: number;
  readonly #unsubscribe: () => void;
  #lastId = 0;
  #histories = 0;

  constructor(breakers: Administered, clock: Clock, wallClockNow: () => number) {
    this.#breakers = breakers;
    this.#clock = clock;
    // Taken once: a step of the wall clock changes nothing.
    this.#offsetMs = wallClockNow() - clock.now();
    this.#unsubscribe = breakers.subscribe((event) => this.#hear(event));
  }

  /** Wall-clock time that never goes back. */
  get nowMs(): number {
    return Math.round(this.#clock.now() + this.#offsetMs);
  }

  /** Looks at every breaker. */
  async look(): Promise<Found> {
    const names = this.#breakers.list().map(({ name }) => name);
    const there = new Set(names);
    const gone = [...this.#watched.values()]
      .filter(({ known }) => !there.has(known.name))
      .map((watched) => this.#forget(watched));
    const rows: string[] = [];
    const come: Known[] = [];
    const busyMs = await inSlices(names, this.#clock, (name) => {
      const watched = this.#lookAt(name);
      if (watched === undefined || watched.text === watched.toldText) return;
      if (watched.toldText === '') come.push(watched.known);
      watched.toldText = watched.text;
      rows.push(watched.text);
    });
    return { rows, come, gone, busyMs };
  }

  /** All that is known now: what a page begins with. */
  all(): { rows: readonly string[]; come: readonly Known[] } {
    const watched = [...this.#watched.values()].filter(({ toldText }) => toldText !== '');
    return { rows: watched.map(({ toldText }) => toldText), come: watched.map(({ known }) => known) };
  }

  /** The page of a breaker; undefined for one that is not there. */
  page(id: number): object | undefined {
    const watched = this.#byId.get(id);
    const [info] = watched === undefined ? [] : this.#breakers.describe([watched.known.name]);
    if (watched === undefined || info === undefined) return undefined;
    const { snapshot, fallbacks, ignored, policy, traceId } = info;
    const { verdict, counts, conditions } = snapshot;
    return {
      ...watched.known,
      ...{ policy, fallbacks, ignored, counts, conditions, traceId: traceId ?? null, now: this.nowMs },
      verdict: verdict === undefined ? '' : verdictText(verdict),
      history: watched.history.read(),
    };
  }

  /** Hears nothing more. */
  close(): void {
    this.#unsubscribe();
  }

  /** Looks at a breaker; undefined for one that is not there. */
  #lookAt(name: string): Watched | undefined {
    const [info] = this.#breakers.describe([name]);
    if (info === undefined) return undefined;
    const nowMs = this.nowMs;
    const before = this.#watched.get(name);
    const known = before?.known ?? { id: ++this.#lastId, name, target: info.target, method: info.method };
    const history = before === undefined ? this.#newHistory() : before.history;
    history.look(info, nowMs);
    const fresh = rowOf(known.id, info, history.recent(), (ms) => Math.round(nowMs + ms));
    const row = before === undefined ? fresh : settled(before.row, fresh);
    const text = JSON.stringify(row);
    const watched: Watched = before ?? { known, history, row, text, toldText: '' };
    watched.row = row;
    watched.text = text;
    this.#watched.set(name, watched);
    this.#byId.set(known.id, watched);
    return watched;
  }

  #newHistory(): BreakerHistory {
    const isLong = this.#histories < MOST_HISTORIES;
    if (isLong) this.#histories++;
    return new BreakerHistory(isLong);
  }

  #forget({ known: { id, name }, history }: Watched): number {
    if (history.isLong) this.#histories--;
    this.#watched.delete(name);
    this.#byId.delete(id);
    return id;
  }

  #hear(event: Heard): void {
    if (event.type !== 'transition' && event.type !== 'override' && event.type !== 'mode') return;
    // A breaker that is new has its first change before it was looked at.
    if (!this.#watched.has(event.breaker)) this.#lookAt(event.breaker);
    this.#watched.get(event.breaker)?.history.changed(changeOf(event, Math.round(event.atMs + this.#offsetMs)));
  }
}

function changeOf(event: Extract<Heard, { type: 'transition' | 'override' | 'mode' }>, at: number): Change {
  if (event.type === 'mode') return { at, kind: 'mode', what: `mode ${event.mode}`, why: told(event.reason) };
  if (event.type === 'override') {
    const what = { forcedOpen: 'forced open', forcedClosed: 'forced closed', none: 'released' }[event.override ?? 'none'];
    return { at, kind: 'override', what, why: told(event.reason) };
  }
  const { from, to, verdict, lastedMs, traceId, mode } = event;
  return {
    ...{ at, kind: 'transition', what: `${from} > ${to}`, to, why: verdictText(verdict), lastedMs: Math.round(lastedMs) },
    ...(traceId !== undefined && { traceId }),
    ...(mode === 'observe' && { shadow: true }),
  };
}

/** Two looks at one moment differ by the time between them: such times stay as they were told first. */
function settled(before: Row, now: Row): Row {
  const same = <Time extends number | null>(one: Time, other: Time): Time =>
    one !== null && other !== null && Math.abs(one - other) < SAME_MS ? one : other;
  return {
    ...now,
    since: same(before.since, now.since),
    nextAt: same(before.nextAt, now.nextAt),
    endsAt: same(before.endsAt, now.endsAt),
  };
}
