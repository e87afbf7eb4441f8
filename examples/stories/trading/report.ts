import { fallbackOf } from '../../../src/index.ts';
import type { Reply } from '../ask.ts';

/** What the desk got in one of the story's scenes. */
export interface Scene {
  readonly predictions: number;
  readonly holds: number;
  /** Predictions that were delivered too late, which must not be. */
  readonly late: number;
  /** The age of the oldest prediction at its delivery, in milliseconds; NaN without one. */
  readonly oldestMs: number;
  /** The median time until "hold" where the server was asked, in milliseconds; NaN without one. */
  readonly askedMs: number;
  /** The longest time until "hold". */
  readonly longestMs: number;
  /** The median time until "hold" where the breaker refused the call. */
  readonly refusedMs: number;
}

/** Counts what the desk got. */
export function count(replies: readonly Reply<unknown>[], staleAfterMs: number): Scene {
  const predictions = replies.filter(({ answer }) => answer !== undefined);
  const holds = replies.filter(({ error }) => fallbackOf(error)?.source === 'hold');
  const isRefused = ({ error }: Reply<unknown>) => fallbackOf(error)?.reason === 'rejected';
  const times = (of: readonly Reply<unknown>[]) => of.map(({ ms }) => ms).sort((a, b) => a - b);
  const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return {
    predictions: predictions.length,
    holds: holds.length,
    oldestMs: predictions.length === 0 ? Number.NaN : Math.max(...predictions.map(({ ageMs }) => ageMs)),
    late: predictions.filter(({ ageMs }) => ageMs > staleAfterMs).length,
    askedMs: median(times(holds.filter((reply) => !isRefused(reply)))),
    longestMs: times(holds).at(-1) ?? Number.NaN,
    refusedMs: median(times(holds.filter(isRefused))),
  };
}

/** The line above the scenes. */
export const HEAD: string = line('', 'predictions', 'late', 'oldest', '"hold"', 'after: asked', 'longest', 'refused');

/** A scene as a line of the table. */
export function row(what: string, { predictions, late, oldestMs, holds, askedMs, longestMs, refusedMs }: Scene): string {
  return line(what, predictions, late, shown(oldestMs), holds, shown(askedMs), shown(longestMs), shown(refusedMs));
}

function line(what: string, ...cells: readonly (string | number)[]): string {
  return what.padEnd(32) + cells.map((cell) => String(cell).padStart(13)).join('');
}

function shown(ms: number): string {
  return Number.isNaN(ms) ? '-' : `${ms.toFixed(2)} ms`;
}
