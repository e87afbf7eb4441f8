import { array, assert, double, integer, pre, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestDelay, bestLatencyDelay } from '../../bench/detection/goals/hindsight.ts';
import { meanRunLength, thresholdFor } from '../../bench/detection/goals/run-length.ts';
import { EventHeap } from '../../bench/detection/sim/event-heap.ts';
import { createRandom } from '../../bench/detection/sim/random.ts';
import { meanRunLength as runLengthOfCore } from '../../src/core/trip/adaptive/run-length.ts';

describe('the CUSUM with hindsight', () => {
  it('has a run length that a simulation gives, too', () => {
    const [p, up, threshold] = [0.02, 10, 25];
    const random = createRandom(7);
    let calls = 0;
    const runs = 4_000;
    for (let k = 0; k < runs; k++) {
      for (let score = 0; score < threshold; calls++) score = Math.max(0, score + (random() < p ? up : -1));
    }
    expect(calls / runs / meanRunLength(p, up, threshold)).toBeCloseTo(1, 1);
  });

  it('agrees with what core computes on its own', () => {
    const lattice = record({
      p: double({ min: 0.0005, max: 0.9, noNaN: true }),
      up: integer({ min: 1, max: 40 }),
      threshold: integer({ min: 1, max: 120 }),
    });
    assert(
      property(lattice, ({ p, up, threshold }) => {
        const theirs = runLengthOfCore(p, up, threshold);
        pre(theirs < 1e200);
        expect(Math.abs(meanRunLength(p, up, threshold) / theirs - 1)).toBeLessThan(1e-9);
      }),
    );
  });

  it('takes the lowest threshold that is long enough', () => {
    const threshold = thresholdFor(0.001, 29, 1e7);
    expect(meanRunLength(0.001, 29, threshold)).toBeGreaterThanOrEqual(1e7);
    expect(meanRunLength(0.001, 29, threshold - 1)).toBeLessThan(1e7);
  });

  it('is as fast as the literature says', () => {
    // Three failures of a thousandth each come together once in 1e9 calls, two once in 1e6: with 1e7 asked for it takes three.
    expect(bestDelay(0.001, 1, 1e7)).toBeCloseTo(3, 3);
    expect(bestDelay(0.001, 0.3, 1e7)).toBeLessThan(bestDelay(0.001, 0.3, 1e9));
    expect(bestLatencyDelay(4, 1e7)).toBeLessThan(bestLatencyDelay(3, 1e7));
  });
});

describe('the event heap', () => {
  it('gives events by time, and those of one time as they were planned', () => {
    assert(
      property(array(integer({ min: 0, max: 20 })), (times) => {
        const heap = new EventHeap();
        const planned = times.map((at) => heap.plan(at, () => {}));
        const taken = times.map(() => heap.take());
        expect(taken).toEqual(planned.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order));
        expect(heap.nextMs).toBe(Infinity);
      }),
    );
  });
});
