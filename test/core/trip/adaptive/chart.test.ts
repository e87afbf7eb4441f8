import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chart } from '../../../../src/core/trip/adaptive/chart.ts';
import { ChartPlans } from '../../../../src/core/trip/adaptive/chart-plan.ts';
import { seeded } from '../../helpers/random.ts';
import { type ChartResult, chartByHand } from '../../helpers/reference-chart.ts';

const PLANS = new ChartPlans(0.2, 1_000);
const HALF_LIFE_MS = 600_000;

/** Results in phases: each has its share of hits, and so many milliseconds between two results. */
const resultsArb: fc.Arbitrary<ChartResult[]> = fc
  .tuple(
    fc.integer(),
    fc.array(
      fc.record({
        share: fc.constantFrom(0, 0.01, 0.05, 0.1, 0.3, 1),
        calls: fc.integer({ min: 1, max: 150 }),
        everyMs: fc.constantFrom(0, 1, 5, 100),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([seed, phases]) => {
    const random = seeded(seed);
    let atMs = 0;
    return phases.flatMap(({ share, calls, everyMs }) =>
      Array.from({ length: calls }, () => ({ isHit: random() < share, atMs: (atMs += everyMs) })),
    );
  });

it.each([0, 3, 100])('does what its rules say, worked out anew from all results, with bursts of %d ms', (burstMs) => {
  const seen = { tripped: 0, acquitted: 0, learned: 0 };
  fc.assert(
    fc.property(resultsArb, fc.constantFrom(50, 100, 1_000), (results, warmUp) => {
      const options = { burstMs, halfLifeMs: HALF_LIFE_MS, warmUp };
      const chart = new Chart(PLANS, burstMs, HALF_LIFE_MS, warmUp);
      for (const [i, { isHit, atMs }] of results.entries()) {
        const wasCalm = chart.isCalm;
        const hasTripped = chart.record(isHit, atMs);
        const expected = chartByHand(results.slice(0, i + 1), PLANS, options);
        expect(hasTripped).toBe(expected.hasTripped);
        expect([chart.isCalm, chart.calls, chart.hits]).toEqual([expected.isCalm, expected.calls, expected.hits]);
        expect(chart.score).toBeCloseTo(expected.steps * chart.plan.nats, 9);
        expect(chart.baseline.calls).toBeCloseTo(expected.learnedCalls, 6);
        expect(chart.baseline.hits).toBeCloseTo(expected.learnedHits, 6);
        if (!wasCalm && chart.isCalm) seen.acquitted++;
        if (chart.baseline.calls >= warmUp) seen.learned++;
        if (hasTripped) {
          seen.tripped++;
          break;
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(Math.min(seen.tripped, seen.acquitted, seen.learned)).toBeGreaterThan(0);
});

describe('a burst', () => {
  const plans = new ChartPlans(0.2, 10_000_000);

  it('is not learned, and does not trip: only what led to the suspicion is', () => {
    const chart = new Chart(plans, 100, HALF_LIFE_MS, 1_000);
    for (let i = 0; i < 50; i++) expect(chart.record(true, i)).toBe(false);
    for (let i = 0; i < 50; i++) chart.record(false, 200 + i);
    expect(chart.isCalm).toBe(true);
    expect(chart.baseline.hits).toBeLessThan(6);
  });

  it('that goes on after its time trips at the next few results', () => {
    const chart = new Chart(plans, 100, HALF_LIFE_MS, 1_000);
    for (let i = 0; i < 100; i++) expect(chart.record(true, i)).toBe(false);
    const after = Array.from({ length: 10 }, (_, i) => chart.record(true, 102 + i));
    expect(after.indexOf(true)).toBeGreaterThanOrEqual(1);
    expect(after.indexOf(true)).toBeLessThan(6);
  });

  it('is no explanation for what is overdue: its time is not waited for, and calm stays calm', () => {
    const chart = new Chart(plans, 100, HALF_LIFE_MS, 1_000);
    expect(chart.recordBeyondBurst()).toBe(false);
    expect(chart.isCalm).toBe(true);
    for (let i = 0; i < 5; i++) chart.record(true, i);
    // What was suspicious is no proof for being overdue too.
    expect(Array.from({ length: 8 }, () => chart.recordBeyondBurst())).not.toContain(true);
    expect(chart.threshold).toBe(chart.plan.alarm * chart.plan.nats);
    const after = Array.from({ length: 8 }, (_, i) => chart.record(true, 6 + i));
    expect(after.indexOf(true)).toBeGreaterThanOrEqual(0);
    expect(chart.score).toBeGreaterThanOrEqual(chart.threshold);
  });

  it('that is overdue trips where all evidence is that of a chart without bursts', () => {
    const chart = new Chart(plans, 100, HALF_LIFE_MS, 1_000);
    for (let i = 0; i < 20; i++) expect(chart.record(true, i)).toBe(false);
    expect(chart.recordBeyondBurst()).toBe(true);
  });

  it('that is overdue is forgotten like any suspicion when calls are good again', () => {
    const chart = new Chart(plans, 100, HALF_LIFE_MS, 1_000);
    for (let i = 0; i < 5; i++) chart.record(true, i);
    chart.recordBeyondBurst();
    let calls = 0;
    for (; !chart.isCalm && calls < 1_000; calls++) expect(chart.record(false, 5 + calls)).toBe(false);
    expect(calls).toBe(5 * chart.plan.up);
    // Not what came while the burst's time passed.
    expect(chart.baseline.hits).toBe(3);
  });
});

it('forgets a suspicion when cleared, and what it learned when told to', () => {
  const chart = new Chart(PLANS, 0, HALF_LIFE_MS, 100);
  for (let i = 0; i < 1_024; i++) chart.record(false, i);
  const { plan } = chart;
  expect(plan.usual).toBeLessThan(PLANS.prior.usual);
  chart.record(true, 2_000);
  chart.clear();
  expect([chart.isCalm, chart.score, chart.calls, chart.plan]).toEqual([true, 0, 0, plan]);
  chart.forget();
  expect([chart.plan, chart.baseline.calls]).toEqual([PLANS.prior, 0]);
});
