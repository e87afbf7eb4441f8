import { describe, expect, it } from 'vitest';
import { LatencyBaseline, USUAL_QUANTILE } from '../../../../src/core/trip/adaptive/latency-baseline.ts';
import { normal, seeded } from '../../helpers/random.ts';

const WARM_UP = 1_000;

/** Where a normal number is not exceeded by the usual share. */
const Z = [...Array(4_000).keys()].map((i) => i / 1_000).find((z) => normalShare(z) >= USUAL_QUANTILE) ?? Number.NaN;

/** The share of normal numbers up to here, by summing the density. */
function normalShare(z: number): number {
  let sum = 0.5;
  for (let x = 0.0005; x < z; x += 0.001) sum += (0.001 * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  return sum;
}

/** Latencies of some shape, and their quantile. */
const SHAPES: [string, (random: () => number) => number, number][] = [
  ['lognormal', (random) => 5 * Math.exp(0.5 * normal(random)), 5 * Math.exp(0.5 * Z)],
  ['narrow lognormal', (random) => 40 * Math.exp(0.1 * normal(random)), 40 * Math.exp(0.1 * Z)],
  ['Pareto', (random) => (1 - random()) ** (-1 / 2.5), (1 - USUAL_QUANTILE) ** (-1 / 2.5)],
  ['even', (random) => 2 + 8 * random(), 2 + 8 * USUAL_QUANTILE],
  ['constant', () => 12, 12],
];

/** A baseline that has seen so many calls, looked at as `adaptive` does. */
function after(calls: number, next: () => number): LatencyBaseline {
  const baseline = new LatencyBaseline(WARM_UP);
  for (let i = 1; i <= calls; i++) {
    baseline.add(next());
    if (i >= WARM_UP && i % 256 === 0) baseline.rememberCalls(Math.min(i, 100_000));
  }
  return baseline;
}

describe('finds the usual latency', () => {
  it.each(SHAPES)('%s', (_, draw, quantile) => {
    for (let seed = 0; seed < 10; seed++) {
      const random = seeded(seed);
      expect(Math.abs((after(100_000, () => draw(random)).usualMs ?? 0) / quantile - 1)).toBeLessThan(0.04);
    }
  });

  it('of two kinds of calls: between them where just so many are fast, else that of the slow ones', () => {
    const random = seeded(5);
    const baseline = after(100_000, () => (random() < USUAL_QUANTILE - 0.2 ? 2 : 20 + random()));
    expect(baseline.usualMs).toBeGreaterThan(19);
    expect(baseline.usualMs).toBeLessThan(22);
  });

  it.each(SHAPES)('%s, already at the end of the warm-up, near enough not to call a healthy call slow', (_, draw, quantile) => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seeded(100 + seed);
      const usual = after(WARM_UP, () => draw(random)).usualMs ?? 0;
      expect(usual / quantile).toBeGreaterThan(0.75);
      expect(usual / quantile).toBeLessThan(1.35);
    }
  });
});

describe('the first call', () => {
  it.each([100, 1_000, 0.01])('may take %d times as long as the others', (times) => {
    const random = seeded(3);
    let calls = 0;
    const usual = after(WARM_UP, () => (calls++ === 0 ? 5 * times : 5 * Math.exp(0.3 * normal(random)))).usualMs ?? 0;
    expect(Math.abs(usual / (5 * Math.exp(0.3 * Z)) - 1)).toBeLessThan(0.25);
  });

  it.each([0, Infinity])('may be said to have taken %d ms', (durationMs) => {
    let calls = 0;
    const usual = after(WARM_UP + 1, () => (calls++ === 0 ? durationMs : 5)).usualMs ?? 0;
    expect(usual).toBeGreaterThan(3.7);
    expect(usual).toBeLessThan(6.3);
  });
});

it('is not known before the warm-up is over, nor after it was cleared', () => {
  const baseline = after(WARM_UP - 1, () => 5);
  expect([baseline.isLearned, baseline.usualMs]).toEqual([false, undefined]);
  baseline.add(5);
  expect(baseline.isLearned).toBe(true);
  baseline.clear();
  expect([baseline.isLearned, baseline.usualMs]).toEqual([false, undefined]);
});

it('follows a slow drift', () => {
  const random = seeded(9);
  let calls = 0;
  const baseline = after(400_000, () => 5 * (1 + calls++ / 400_000) * Math.exp(0.3 * normal(random)));
  expect(Math.abs((baseline.usualMs ?? 0) / (10 * Math.exp(0.3 * Z)) - 1)).toBeLessThan(0.15);
});

it('takes over what it is told, as learned', () => {
  const baseline = after(WARM_UP, () => 5);
  baseline.adopt(50);
  expect(baseline.usualMs).toBe(50);
  for (let i = 0; i < 200; i++) baseline.add(i % 10 === 0 ? 60 : 40);
  expect(baseline.usualMs).toBeGreaterThan(38);
});
