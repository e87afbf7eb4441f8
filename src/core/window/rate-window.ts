/** Counts results, and those of them that are hits (failed, or slow), over a window. */
export interface RateWindow {
  /** Results in the window. */
  readonly total: number;
  /** Hits in the window. */
  readonly hits: number;
  /** Adds a result, after dropping what has left the window. */
  record(hit: boolean, nowMs: number): void;
  /** Drops what has left the window by now. */
  advance(nowMs: number): void;
  /** Forgets everything. */
  clear(): void;
}
