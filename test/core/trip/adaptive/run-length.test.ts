import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanRunLength, upperProbability } from '../../../../src/core/trip/adaptive/run-length.ts';
import { seeded } from '../../helpers/random.ts';
import { solve } from '../../helpers/solve.ts';

/** A row of zeros, with what the moves from a state add. */
function row(size: number, moves: readonly [to: number, share: number][]): number[] {
  const found = new Array<number>(size).fill(0);
  for (const [to, share] of moves) if (to >= 0 && to < size) found[to] = (found[to] ?? 0) + share;
  return found;
}

/** Mean calls to the threshold, from all states of the chain at once. */
function runLengthBySolving(p: number, up: number, threshold: number): number {
  const matrix = Array.from({ length: threshold }, (_, i) =>
    row(threshold, [
      [i, 1],
      [Math.max(0, i - 1), p - 1],
      [i + up, -p],
    ]),
  );
  return solve(matrix, new Array<number>(threshold).fill(1))[0] ?? Number.NaN;
}

/** The probability to reach `upper` before `lower`, from all states between at once. */
function upperBySolving(p: number, up: number, lower: number, upper: number): number {
  const size = upper - lower - 1;
  const matrix = Array.from({ length: size }, (_, i) =>
    row(size, [
      [i, 1],
      [i - 1, p - 1],
      [i + up, -p],
    ]),
  );
  const right = Array.from({ length: size }, (_, i) => (i + up >= size ? p : 0));
  return solve(matrix, right)[-lower - 1] ?? Number.NaN;
}

const share = fc.double({ min: 0.02, max: 0.6, noNaN: true });
const up = fc.integer({ min: 1, max: 12 });

describe('the mean run length', () => {
  it('is that of all states solved at once', () => {
    fc.assert(
      fc.property(share, up, fc.integer({ min: 1, max: 30 }), (p, steps, threshold) => {
        const expected = runLengthBySolving(p, steps, threshold);
        // Elimination with subtractions loses digits where the run is long; ours must not.
        fc.pre(expected > 0 && expected < 1e8);
        expect(meanRunLength(p, steps, threshold) / expected).toBeCloseTo(1, 5);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['one failure', 0.25, 4, 1, 4],
    ['two failures in a row', 0.5, 1, 2, 6],
  ])('of %s is known from books', (_, p, steps, threshold, calls) => {
    expect(meanRunLength(p, steps, threshold)).toBeCloseTo(calls, 9);
  });

  it.each([
    [0.01, 12, 40],
    [0.05, 7, 18],
    [0.12, 6, 30],
    [0.3, 4, 60],
  ])('is what chance makes of it: p %d, %d up, threshold %d', (p, steps, threshold) => {
    const random = seeded(7);
    const expected = meanRunLength(p, steps, threshold);
    const runs = Math.ceil(2_000_000 / expected);
    let calls = 0;
    for (let run = 0; run < runs; run++) {
      for (let state = 0; state < threshold; calls++) state = random() < p ? state + steps : Math.max(0, state - 1);
    }
    // A run's length is about exponential: five standard errors.
    expect(Math.abs(calls / runs / expected - 1)).toBeLessThan(5 / Math.sqrt(runs));
  });

  it('grows with the threshold, and falls with the share', () => {
    fc.assert(
      fc.property(share, up, fc.integer({ min: 1, max: 200 }), (p, steps, threshold) => {
        const here = meanRunLength(p, steps, threshold);
        expect(meanRunLength(p, steps, threshold + 1)).toBeGreaterThanOrEqual(here * (1 - 1e-9));
        expect(meanRunLength(p * 1.1, steps, threshold)).toBeLessThanOrEqual(here * (1 + 1e-9));
      }),
    );
  });

  it('stays a number for very long runs', () => {
    expect(meanRunLength(1e-4, 400, 4_000)).toBeGreaterThan(1e12);
    expect(Number.isFinite(meanRunLength(1e-4, 400, 4_000))).toBe(true);
  });
});

describe('the probability to reach the upper bound first', () => {
  it('is that of all states solved at once', () => {
    fc.assert(
      fc.property(share, up, fc.integer({ min: -15, max: -1 }), fc.integer({ min: 1, max: 25 }), (p, steps, lower, upper) => {
        const expected = upperBySolving(p, steps, lower, upper);
        expect(Math.abs(upperProbability(p, steps, lower, upper) - expected)).toBeLessThan(1e-9 + expected * 1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it("is the gambler's, where a failure is one step", () => {
    const ratio = 0.7 / 0.3;
    expect(upperProbability(0.3, 1, -3, 5)).toBeCloseTo((1 - ratio ** 3) / (1 - ratio ** 8), 12);
  });

  it('falls as the bound rises', () => {
    fc.assert(
      fc.property(share, up, fc.integer({ min: -20, max: -1 }), fc.integer({ min: 1, max: 60 }), (p, steps, lower, upper) => {
        expect(upperProbability(p, steps, lower, upper + 1)).toBeLessThanOrEqual(
          upperProbability(p, steps, lower, upper) * (1 + 1e-9),
        );
      }),
    );
  });
});
