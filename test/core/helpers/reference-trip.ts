import type { FailureRateConfig, TripConfig, WindowConfig } from '../../../src/core/options.ts';
import type { ConditionSnapshot } from '../../../src/core/trip/condition.ts';
import type { ConditionVerdict } from '../../../src/core/verdict.ts';

/** A judged result. */
export interface Result {
  readonly atMs: number;
  /** Undefined for a call that is still under way. */
  readonly failed: boolean | undefined;
  /** Undefined where its slowness has been counted before, or is not known. */
  readonly durationMs: number | undefined;
}

/** The results that a window holds at a time, by looking at every one. */
export function inWindow<T extends { readonly atMs: number }>(window: WindowConfig, results: readonly T[], nowMs: number): T[] {
  if ('calls' in window) return results.slice(-window.calls);
  const sliceMs = window.durationMs / window.slices;
  const sliceOf = (ms: number) => Math.floor(ms / sliceMs);
  return results.filter(({ atMs }) => sliceOf(nowMs) - sliceOf(atMs) < window.slices);
}

/** Whether hits / total >= threshold, in whole numbers: no fraction is rounded. Thresholds are whole per mille. */
export function isReached(hits: number, total: number, threshold: number): boolean {
  return hits > 0 && hits * 1000 >= Math.round(threshold * 1000) * total;
}

/** The first condition that is met by the newest result, in the order of the documentation. */
export function judgeByHand(trip: TripConfig, results: readonly Result[], nowMs: number): ConditionVerdict | undefined {
  const newest = results.at(-1);
  // A condition that learns nothing from a result is not judged by it.
  const { consecutiveFailures, failureRate } = newest?.failed === undefined ? {} : trip;
  const { slowCallRate } = newest?.durationMs === undefined ? {} : trip;
  const failures = failuresInARow(results);
  if (consecutiveFailures !== undefined && failures >= consecutiveFailures.threshold) {
    return { reason: 'consecutiveFailures', failures, threshold: consecutiveFailures.threshold };
  }
  if (failureRate !== undefined) {
    const { calls, hits } = count(failureRate, ended(results), nowMs, isFailed);
    const { threshold, window, minCalls } = failureRate;
    if (calls >= minCalls && isReached(hits, calls, threshold)) {
      return { reason: 'failureRate', failures: hits, calls, rate: hits / calls, threshold, window };
    }
  }
  if (slowCallRate !== undefined) {
    const { threshold, window, minCalls, slowerThanMs } = slowCallRate;
    const { calls, hits } = count(slowCallRate, timed(results), nowMs, ({ durationMs = 0 }) => durationMs > slowerThanMs);
    if (calls >= minCalls && isReached(hits, calls, threshold)) {
      return { reason: 'slowCallRate', slow: hits, calls, rate: hits / calls, threshold, slowerThanMs, window };
    }
  }
  return undefined;
}

/** How each condition stands. */
export function snapshotByHand(trip: TripConfig, results: readonly Result[], nowMs: number): ConditionSnapshot[] {
  const { consecutiveFailures, failureRate, slowCallRate } = trip;
  const snapshots: ConditionSnapshot[] = [];
  const addRate = (
    condition: 'failureRate' | 'slowCallRate',
    config: FailureRateConfig,
    of: readonly Result[],
    isHit: (result: Result) => boolean,
    limit: { slowerThanMs?: number } = {},
  ) => {
    const { calls, hits } = count(config, of, nowMs, isHit);
    snapshots.push({ condition, value: calls === 0 ? 0 : hits / calls, threshold: config.threshold, calls, ...limit });
  };
  if (consecutiveFailures !== undefined) {
    const failures = failuresInARow(results);
    const { threshold } = consecutiveFailures;
    snapshots.push({ condition: 'consecutiveFailures', value: failures, threshold, calls: failures });
  }
  if (failureRate !== undefined) addRate('failureRate', failureRate, ended(results), isFailed);
  if (slowCallRate !== undefined) {
    const { slowerThanMs } = slowCallRate;
    addRate('slowCallRate', slowCallRate, timed(results), ({ durationMs = 0 }) => durationMs > slowerThanMs, { slowerThanMs });
  }
  return snapshots;
}

function isFailed(result: Result): boolean {
  return result.failed === true;
}

function ended(results: readonly Result[]): Result[] {
  return results.filter(({ failed }) => failed !== undefined);
}

function timed(results: readonly Result[]): Result[] {
  return results.filter(({ durationMs }) => durationMs !== undefined);
}

function failuresInARow(results: readonly Result[]): number {
  const all = ended(results);
  return all.length - 1 - all.findLastIndex((result) => result.failed === false);
}

function count(config: FailureRateConfig, results: readonly Result[], nowMs: number, isHit: (result: Result) => boolean) {
  const window = inWindow(config.window, results, nowMs);
  return { calls: window.length, hits: window.filter(isHit).length };
}
