/** What a dependency is usually like, as learned. */
export interface BaselineSnapshot {
  /** Calls that it was learned from, older ones counting less. */
  readonly calls: number;
  /** The usual share of failures, 0..1. */
  readonly errorRate: number;
  /** The usual share of slow calls, 0..1. */
  readonly slowRate: number;
  /** The usual latency (its 70th percentile), in milliseconds; undefined until it is learned. */
  readonly latencyMs: number | undefined;
}

/** Percentiles of the latencies in a window, in milliseconds, to within 3 %. */
export interface LatencySnapshot {
  /** The median. */
  readonly p50Ms: number;
  /** 99 % of calls are at most this slow. */
  readonly p99Ms: number;
  /** The percentile that the condition limits. */
  readonly limitedMs: number;
}
