import type { BacktestResult, BacktestSpan } from './backtest-result.ts';

/** Breakers that are drawn, those with the most trouble. */
const MOST_BREAKERS = 12;

/** A stretch narrower than this share of the whole is drawn with its neighbour. */
const NARROWEST = 1 / 4_000;

/** A band: how one breaker stood under one policy. */
export interface TimelineBand {
  /** Which lane. */
  readonly lane: number;
  /** From and to, in milliseconds from the beginning, and whether it was open (1) or half-open (0). */
  readonly spans: readonly (readonly [from: number, to: number, isOpen: 0 | 1])[];
}

/** A breaker, with a band for each policy. */
export interface TimelineBreaker {
  readonly name: string;
  readonly bands: readonly TimelineBand[];
}

/** What a timeline shows. */
export interface TimelineModel {
  /** In milliseconds since 1970. */
  readonly from: number;
  readonly lengthMs: number;
  readonly bucketMs: number;
  readonly lanes: readonly string[];
  /** Of each lane: calls that failed, and that were refused, by bucket. */
  readonly failed: readonly (readonly number[])[];
  readonly refused: readonly (readonly number[])[];
  readonly succeeded: readonly (readonly number[])[];
  readonly breakers: readonly TimelineBreaker[];
  /** Breakers that are not shown. */
  readonly others: number;
}

/** Chooses what is drawn of a result. */
export function timelineModel({ recording, lanes, bucketMs }: BacktestResult): TimelineModel {
  const lengthMs = Math.max(1, recording.to - recording.from);
  const buckets = Math.floor(lengthMs / bucketMs) + 1;
  const padded = (counts: readonly number[]) => Array.from({ length: buckets }, (_, at) => counts[at] ?? 0);
  const troubled = new Map<string, number>();
  for (const { spans } of lanes) {
    for (const { breaker, from, to } of spans) troubled.set(breaker, (troubled.get(breaker) ?? 0) + to - from);
  }
  for (const { breakers } of lanes) for (const { breaker } of breakers) if (!troubled.has(breaker)) troubled.set(breaker, 0);
  const names = [...troubled].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
  const shown = names.slice(0, MOST_BREAKERS);
  return {
    from: recording.from,
    lengthMs,
    bucketMs,
    lanes: lanes.map(({ title }) => title),
    failed: lanes.map(({ series }) => padded(series.failed)),
    refused: lanes.map(({ series }) => padded(series.refused)),
    succeeded: lanes.map(({ series }) => padded(series.succeeded)),
    breakers: shown.map((name) => ({
      name,
      bands: lanes.map(({ spans }, lane) => ({ lane, spans: bandOf(spans, name, recording.from, lengthMs * NARROWEST) })),
    })),
    others: names.length - shown.length,
  };
}

function bandOf(spans: readonly BacktestSpan[], name: string, fromMs: number, narrowest: number): [number, number, 0 | 1][] {
  const band: [number, number, 0 | 1][] = [];
  const own = spans.filter(({ breaker }) => breaker === name).toSorted((one, other) => one.from - other.from);
  for (const { from, to, state } of own) {
    const isOpen = state === 'open' ? 1 : 0;
    const last = band.at(-1);
    const isHidden = to - from < narrowest && last !== undefined && from - fromMs - last[1] < narrowest;
    if (isHidden) last[1] = to - fromMs;
    else band.push([from - fromMs, to - fromMs, isOpen]);
  }
  return band;
}
