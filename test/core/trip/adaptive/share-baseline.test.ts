import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShareBaseline } from '../../../../src/core/trip/adaptive/share-baseline.ts';
import { seeded } from '../../helpers/random.ts';

const HALF_LIFE_MS = 60_000;
const make = (warmUp = 1_000): ShareBaseline => new ShareBaseline(HALF_LIFE_MS, warmUp);

describe('the upper bound', () => {
  it.each([0.001, 0.01, 0.03, 0.1])('covers a true share of %d in all but very few of 1,000 baselines', (share) => {
    const random = seeded(11);
    let missed = 0;
    for (let i = 0; i < 1_000; i++) {
      const baseline = make();
      let hits = 0;
      for (let call = 0; call < 1_000; call++) if (random() < share) hits++;
      baseline.add(1_000, hits, 0);
      if (baseline.upperBound < share) missed++;
    }
    // 1 in 740 by the normal approximation.
    expect(missed).toBeLessThanOrEqual(8);
  });

  it.each([
    [1_000, 0, 0.0089],
    [5_000, 5, 0.0035],
    [5_000, 50, 0.0152],
    [1_000_000, 10_000, 0.0103],
  ])('of %d calls with %d hits is %d', (calls, hits, bound) => {
    const baseline = make();
    baseline.add(calls, hits, 0);
    expect(baseline.upperBound).toBeCloseTo(bound, 4);
  });

  it('is over the share, and comes down to it with calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (calls, share) => {
        const [few, many] = [make(), make()];
        few.add(calls, calls * share, 0);
        many.add(calls * 4, calls * 4 * share, 0);
        expect(few.upperBound).toBeGreaterThanOrEqual(few.share - 1e-12);
        expect(many.upperBound).toBeLessThanOrEqual(few.upperBound + 1e-12);
      }),
    );
  });
});

describe('fades', () => {
  it('by half in each half-life', () => {
    const baseline = make();
    baseline.add(1_000_000, 30_000, 0);
    baseline.add(0, 0, HALF_LIFE_MS);
    expect([baseline.calls, baseline.hits]).toEqual([500_000, 15_000]);
    baseline.add(100, 1, 3 * HALF_LIFE_MS);
    expect([baseline.calls, baseline.hits]).toEqual([125_100, 3_751]);
  });

  it('in small steps as in one', () => {
    const [once, often] = [make(), make()];
    for (const baseline of [once, often]) baseline.add(1_000_000, 30_000, 0);
    once.add(0, 0, HALF_LIFE_MS);
    for (let ms = 1; ms <= HALF_LIFE_MS; ms++) often.add(0, 0, ms);
    expect(often.calls / once.calls).toBeCloseTo(1, 6);
  });

  it.each([
    [1_000, 5_000],
    [50_000, 50_000],
  ])('never below the fewest calls, with a warm-up of %d, below %d', (warmUp, fewest) => {
    const baseline = make(warmUp);
    baseline.add(1_000_000, 10_000, 0);
    baseline.add(0, 0, 1e12);
    expect(baseline.calls).toBeCloseTo(fewest, 6);
    expect(baseline.share).toBeCloseTo(0.01, 9);
    baseline.add(0, 0, 2e12);
    expect(baseline.calls).toBeCloseTo(fewest, 6);
  });

  it('not, and grows not, where the clock goes back', () => {
    const baseline = make();
    baseline.add(1_000_000, 10_000, 1e9);
    baseline.add(0, 0, 0);
    expect(baseline.calls).toBe(1_000_000);
  });
});

it('is empty when new and when cleared', () => {
  const baseline = make();
  expect(baseline.share).toBe(0);
  baseline.add(100, 10, 0);
  baseline.clear();
  expect([baseline.calls, baseline.hits, baseline.share]).toEqual([0, 0, 0]);
});
