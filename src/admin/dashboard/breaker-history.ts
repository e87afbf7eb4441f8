import { describeVerdict } from '../../core/describe-verdict.ts';
import type { State } from '../../core/state.ts';
import type { BreakerInfo } from '../../policy/breaker-info.ts';
import { told } from '../plain-text.ts';
import { Ring } from './ring.ts';
import { latencyOf, type Recent } from './row.ts';

/** Fifteen minutes. */
const BUCKET_MS = 5_000;
const BUCKETS = 180;

/** The list shows results of so many seconds. */
const RECENT_SECONDS = 10;

/** Changes of one breaker that are remembered. */
const MOST_CHANGES = 50;

/** What happened to a breaker, for people. */
export interface Change {
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly kind: 'transition' | 'override' | 'mode';
  /** `closed > open`, `forced open`, `mode observe`. */
  readonly what: string;
  /** The state it came to, for transitions. */
  readonly to?: State;
  /** The verdict, or what a person said. */
  readonly why: string;
  /** The state before lasted so many milliseconds. */
  readonly lastedMs?: number;
  readonly traceId?: string;
  /** In observe nothing was refused. */
  readonly shadow?: boolean;
}

const FIELDS = ['success', 'failure', 'ignored', 'refused', 'fallback', 'inFlight', 'level', 'limit', 'state'] as const;
type Field = (typeof FIELDS)[number];
const AT = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as Record<Field, number>;
const COUNTS = ['success', 'failure', 'ignored', 'refused', 'fallback'] as const;

/** States as numbers, the worst the highest: a bucket shows the worst that was seen in it. */
const STATES: Readonly<Record<State, number>> = { closed: 0, halfOpen: 1, open: 2 };

/** What is remembered of a breaker: the last fifteen minutes in buckets, the last seconds, and its last changes. About 7 KB each. */
export class BreakerHistory {
  readonly #long: Ring;
  readonly #short: Ring = new Ring(1_000, RECENT_SECONDS, COUNTS.length);
  /** It remembers fifteen minutes. */
  readonly isLong: boolean;
  readonly #changes: Change[] = [];
  /** What the counters said last; they only grow. */
  #counted: readonly number[] | undefined;

  /** @param isLong - fifteen minutes; else only the last bucket, for which the list has no use */
  constructor(isLong: boolean) {
    this.isLong = isLong;
    this.#long = new Ring(BUCKET_MS, isLong ? BUCKETS : 1, FIELDS.length);
  }

  /** Takes a look in. @param at - wall-clock milliseconds that never go back */
  look(info: BreakerInfo, at: number): void {
    const counts = countsOf(info);
    this.#long.moveTo(at);
    this.#short.moveTo(at);
    COUNTS.forEach((field, index) => {
      const before = this.#counted?.[index] ?? counts[index] ?? 0;
      // A counter that fell is another breaker's of the same name: that one began at 0.
      const grown = (counts[index] ?? 0) - before;
      const more = grown < 0 ? (counts[index] ?? 0) : grown;
      this.#long.add(AT[field], more);
      this.#short.add(index, more);
    });
    this.#counted = counts;
    const { snapshot } = info;
    this.#long.raise(AT.inFlight, snapshot.inFlight);
    this.#long.raise(AT.state, STATES[snapshot.state]);
    const latency = latencyOf(snapshot.conditions);
    if (latency === null) return;
    const level = latency.kind === 'slow' ? latency.share : latency.ms;
    if (level !== null) this.#long.raise(AT.level, level);
    const limit = latency.kind === 'slow' ? latency.limit : latency.limitMs;
    if (limit !== null) this.#long.set(AT.limit, limit);
  }

  /** Results of the last seconds. */
  recent(): Recent {
    const sum = (index: number) => this.#short.sum(index);
    return [sum(0), sum(1), sum(2), sum(3), sum(4), this.#short.seenMs() / 1_000];
  }

  /** Remembers a change, instead of the oldest where there are too many. A state that lasted less than a bucket is seen in it, too. */
  changed(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > MOST_CHANGES) this.#changes.shift();
    if (change.to === undefined) return;
    this.#long.moveTo(change.at);
    this.#long.raise(AT.state, STATES[change.to]);
  }

  /** All of it, for the page of a breaker. */
  read(): object {
    const series = Object.fromEntries(FIELDS.map((field, index) => [field, this.#long.read(index).map(shortened)]));
    return { startsMs: this.#long.startsMs, bucketMs: BUCKET_MS, ...series, changes: this.#changes.toReversed() };
  }
}

function countsOf({ snapshot: { counts }, fallbacks }: BreakerInfo): readonly number[] {
  const all = (by: Readonly<Record<string, number>>) => Object.values(by).reduce((total, count) => total + count, 0);
  return [counts.success, counts.failure, counts.ignored, all(counts.rejected), all(fallbacks)];
}

function shortened(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 1_000;
}

/** The text of a verdict, in bounds. */
export function verdictText(verdict: Parameters<typeof describeVerdict>[0]): string {
  return told(describeVerdict(verdict));
}
