/** The shortest latency that is told from shorter ones, in milliseconds. */
const SHORTEST_MS = 0.01;
/** The longest latency that is told from longer ones, in milliseconds. */
const LONGEST_MS = 3_600_000;
/** Each doubling is cut into so many buckets of the same width: no value is further than 1 / 35 = 2.9 % from its bucket's. */
const PER_DOUBLING = 17;
const PER_MS = 1 / SHORTEST_MS;

/** How many buckets there are: from 0.01 ms to an hour. */
export const LATENCY_BUCKETS: number = latencyBucket(LONGEST_MS) + 1;

/**
 * The number of the bucket that a latency belongs to: log-linear, as in HdrHistogram. What is shorter than 0.01 ms, or not a number, goes
 * to the first; what is longer than an hour goes to the last.
 */
export function latencyBucket(ms: number): number {
  const units = Math.min(ms, LONGEST_MS) * PER_MS;
  if (!(units >= 1)) return 0;
  const doubling = 31 - Math.clz32(units);
  return doubling * PER_DOUBLING + Math.floor((units / (1 << doubling) - 1) * PER_DOUBLING);
}

/** The latency that stands for a bucket, in milliseconds: as far, relatively, from its lower as from its upper bound. */
export function bucketMs(bucket: number): number {
  const doubling = Math.floor(bucket / PER_DOUBLING);
  const lower = PER_DOUBLING + (bucket % PER_DOUBLING);
  const upper = lower + 1;
  return ((((2 * lower * upper) / (lower + upper)) * (1 << doubling)) / PER_DOUBLING) * SHORTEST_MS;
}

/** The bucket in which the latency of this rank lies (1 is the shortest), where `counts` says how many latencies each bucket holds. */
export function bucketOfRank(counts: Uint32Array, rank: number): number {
  let left = rank;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    left -= counts[bucket] as number;
    if (left <= 0) return bucket;
  }
  return counts.length - 1;
}
