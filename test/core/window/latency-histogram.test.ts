import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketMs, bucketOfRank, LATENCY_BUCKETS, latencyBucket } from '../../../src/core/window/latency-histogram.ts';

/** From 0.01 ms to an hour, each order of magnitude as often. */
const latencyArb = fc.double({ min: Math.log(0.01), max: Math.log(3_600_000), noNaN: true }).map((log) => Math.exp(log));

it('stands for each latency from 0.01 ms to an hour with an error under 3 %', () => {
  fc.assert(
    fc.property(latencyArb, (ms) => {
      expect(Math.abs(bucketMs(latencyBucket(ms)) / ms - 1)).toBeLessThan(0.03);
    }),
    { numRuns: 2_000 },
  );
});

it('puts a longer latency in the same bucket or a later one, also at the doublings', () => {
  const edges = Array.from({ length: 29 }, (_, doubling) => 0.01 * 2 ** doubling).flatMap((ms) => [
    ms * (1 - 1e-12),
    ms,
    ms * 1.03,
  ]);
  fc.assert(
    fc.property(fc.array(fc.oneof(latencyArb, fc.constantFrom(...edges)), { minLength: 2 }), (latencies) => {
      const buckets = latencies.sort((a, b) => a - b).map(latencyBucket);
      expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    }),
  );
});

it('puts what is out of its range, or not a number, in the first and in the last bucket', () => {
  expect([0, 0.0099, -1, Number.NaN].map(latencyBucket)).toEqual([0, 0, 0, 0]);
  expect([3_600_000, 3_600_001, 1e300, Infinity].map(latencyBucket)).toEqual(new Array(4).fill(LATENCY_BUCKETS - 1));
});

it('finds the bucket of a rank', () => {
  const counts = Uint32Array.of(0, 2, 0, 1);
  expect([1, 2, 3].map((rank) => bucketOfRank(counts, rank))).toEqual([1, 1, 3]);
});
