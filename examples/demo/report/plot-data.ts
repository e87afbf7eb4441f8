import { type CallRecord, LATE_MS } from '../call-log.ts';
import type { Run } from '../run.ts';
import { FAULT_TEXT } from '../schedule.ts';

/** How a call is drawn. The page's script has a colour and a name for each. */
export type Mark = 'model' | 'late' | 'refused' | 'failed' | 'error';

/** A stretch of time with a name, in seconds. */
export interface Band {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A run as the page draws it. */
export interface Plot {
  readonly title: string;
  readonly seconds: number;
  /** When each call was asked, in seconds, ascending. */
  readonly x: readonly number[];
  /** How long it took, in milliseconds. */
  readonly y: readonly number[];
  /** How it is drawn. */
  readonly marks: readonly Mark[];
  readonly faults: readonly Band[];
  /** The breaker's states; none without a breaker. */
  readonly states: readonly Band[];
}

/** More points than this are not told apart on a screen. Beyond, ordinary answers are thinned out, nothing else. */
const MOST_POINTS = 30_000;

/** Draws a run. */
export function plotOf(run: Run): Plot {
  const { log } = run;
  const thin = Math.ceil(log.calls / MOST_POINTS);
  const x: number[] = [];
  const y: number[] = [];
  const marks: Mark[] = [];
  for (let call = 0; call < log.calls; call++) {
    const record = log.at(call);
    const mark = markOf(record);
    if (mark === 'model' && call % thin !== 0) continue;
    x.push(rounded(record.askedMs / 1000, 4));
    y.push(rounded(record.tookMs ?? run.now() - record.askedMs, 3));
    marks.push(mark);
  }
  return { title: run.title, seconds: run.lengthMs / 1000, x, y, marks, faults: faultBands(run), states: stateBands(run) };
}

function markOf({ source, tookMs = Number.POSITIVE_INFINITY }: CallRecord): Mark {
  if (source === undefined || source === 'error') return 'error';
  if (tookMs > LATE_MS) return 'late';
  return source === 'rejected' ? 'refused' : source;
}

function faultBands(run: Run): Band[] {
  return run.faults.map(({ fault, startMs, endMs }) => ({
    name: fault,
    from: rounded(startMs / 1000, 4),
    to: rounded(Math.min(endMs, run.lengthMs) / 1000, 4),
    text: FAULT_TEXT[fault],
  }));
}

function stateBands(run: Run): Band[] {
  if (!run.protected) return [];
  const starts = [{ atMs: 0, to: 'closed', reason: 'start' }, ...run.changes];
  return starts.map(({ atMs, to, reason }, index) => ({
    name: to,
    from: rounded(atMs / 1000, 4),
    to: rounded((starts[index + 1]?.atMs ?? run.lengthMs) / 1000, 4),
    text: reason,
  }));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
