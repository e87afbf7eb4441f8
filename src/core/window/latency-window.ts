import { bucketMs, bucketOfRank } from './latency-histogram.ts';

/** The latencies of a window: the exact number of those over a limit, and any percentile to within 3 %. Its memory does not grow. */
export interface LatencyWindow {
  /** Latencies in the window. */
  readonly total: number;
  /** Those over the limit, counted exactly. */
  readonly hits: number;
  /** How many latencies in the window each bucket holds. */
  readonly counts: Uint32Array;
  /** Bytes of its arrays: they stay the same. */
  readonly byteLength: number;
  /** Adds a latency, after dropping what has left the window; whether it is over the limit. */
  record(durationMs: number, nowMs: number): boolean;
  /** Adds the latency of a call under way that has just passed the limit. Until it is known it stands at the limit. */
  recordUnderWay(nowMs: number): void;
  /** A call that was added by `recordUnderWay` took so long: puts its latency right, if it is still in the window. */
  putRight(durationMs: number, nowMs: number): void;
  /** Drops what has left the window by now. */
  advance(nowMs: number): void;
  /** Forgets everything. */
  clear(): void;
}

/**
 * A percentile (nearest rank) of the latencies in a window, to within 3 %, in milliseconds; 0 when it is empty. It is over `limitMs`, the
 * window's limit, only if the exact one is; and at least that if the exact one is over it.
 * @param percentile - over 0, at most 1
 */
export function percentileMs(window: LatencyWindow, percentile: number, limitMs: number): number {
  const { total, hits } = window;
  if (total === 0) return 0;
  const rank = Math.max(1, Math.ceil(percentile * total - 1e-9));
  const ms = bucketMs(bucketOfRank(window.counts, rank));
  return rank > total - hits ? Math.max(ms, limitMs) : Math.min(ms, limitMs);
}
