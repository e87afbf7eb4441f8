import { describe, expect, it } from 'vitest';
import { type ChartPlan, ChartPlans } from '../../../../src/core/trip/adaptive/chart-plan.ts';
import { meanRunLength, upperProbability } from '../../../../src/core/trip/adaptive/run-length.ts';

const CALLS = 10_000_000;

/** Every plan there is. */
function allPlans(plans: ChartPlans): ChartPlan[] {
  const found = new Set<ChartPlan>();
  for (let share = 1e-5; share < 1; share *= 1.05) found.add(plans.for(share));
  return [...found];
}

describe('the usual share', () => {
  it('is rounded up to a fine grid, never down', () => {
    const plans = new ChartPlans(0.2, CALLS);
    for (let share = 1e-4; share < 0.1; share *= 1.037) {
      const { usual } = plans.for(share);
      expect(usual).toBeGreaterThanOrEqual(share * (1 - 1e-9));
      expect(usual).toBeLessThanOrEqual(Math.min(0.1, share * 1.1501));
    }
  });

  it.each([
    ['is never under one in 10,000', 0, 1e-4],
    ['is at most half of what is unhealthy', 0.5, 0.1],
  ])('%s', (_, share, usual) => {
    expect(new ChartPlans(0.2, CALLS).for(share).usual).toBeCloseTo(usual, 12);
  });

  it.each([
    [0.01, 0.005],
    [0.5, 0.25],
    [1, 1 / 3],
  ])('where %d is unhealthy, is at most %d', (unhealthy, most) => {
    expect(new ChartPlans(unhealthy, CALLS).for(1).usual).toBeCloseTo(most, 12);
  });

  it('is a tenth of what is unhealthy before anything is known', () => {
    const { usual } = new ChartPlans(0.2, CALLS).prior;
    expect(usual).toBeGreaterThanOrEqual(0.02);
    expect(usual).toBeLessThan(0.023);
  });

  it('has one plan for each place of the grid', () => {
    const plans = new ChartPlans(0.2, CALLS);
    expect(plans.for(0.0101)).toBe(plans.for(0.0102));
    expect(allPlans(plans).length).toBeLessThan(100);
  });
});

describe.each([0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1])(
  'where %d is unhealthy, a chart gives at most one false alarm in 10 million calls',
  (unhealthy) => {
    const all = allPlans(new ChartPlans(unhealthy, CALLS));

    it('by the alarm alone, which is no higher than that takes', () => {
      for (const { usual, up, alarm } of all) {
        expect(meanRunLength(usual, up, alarm)).toBeGreaterThanOrEqual(CALLS);

        expect(meanRunLength(usual, up, alarm - 1)).toBeLessThan(CALLS);
      }
    });

    it('by suspicion and confirmation, and loses little by it', () => {
      for (const { usual, up, suspicion, cleared, confirmed } of all) {
        const calls = meanRunLength(usual, up, suspicion) / upperProbability(usual, up, cleared, confirmed);
        expect(calls).toBeGreaterThanOrEqual(CALLS);
      }
    });

    it('by steps that are the likelihood ratio to half a step', () => {
      for (const { usual, up, nats } of all) {
        const sick = Math.min(unhealthy, 0.9);
        expect(nats).toBeCloseTo(Math.log((1 - usual) / (1 - sick)), 9);
        if (up > 1) expect(Math.abs(up * nats - Math.log(sick / usual))).toBeLessThanOrEqual(nats / 2 + 1e-9);
        // Healthy, it falls on average; sick, it rises.
        expect(up * usual - (1 - usual)).toBeLessThan(0);
        expect(up * sick - (1 - sick)).toBeGreaterThan(0);
      }
    });
  },
);

it('thresholds rise with the calls between false trips', () => {
  const [often, seldom] = [new ChartPlans(0.2, 1_000), new ChartPlans(0.2, 1e12)].map((plans) => plans.for(0.01));
  expect(often?.alarm).toBeLessThan(seldom?.alarm ?? 0);
  expect(often?.suspicion).toBeLessThan(seldom?.suspicion ?? 0);
});

it.each([1_000, 1e9, 1e12])('are found for any number of calls that may be asked for: %d', (calls) => {
  // Where this is lost, the search would never end.
  expect(meanRunLength(1e-4, 400, 4_000)).toBeGreaterThan(1e12);
  for (const unhealthy of [0.05, 0.2, 0.5, 1]) {
    const plans = new ChartPlans(unhealthy, calls);
    for (const share of [1e-4, 0.01, 1]) {
      const { usual, up, alarm, suspicion } = plans.for(share);
      expect(meanRunLength(usual, up, alarm)).toBeGreaterThanOrEqual(calls);
      expect(suspicion).toBeLessThanOrEqual(Math.max(alarm, 100));
    }
  }
});
