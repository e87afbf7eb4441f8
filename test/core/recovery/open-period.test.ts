import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenPeriod } from '../../../src/core/recovery/open-period.ts';
import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { parseBareBreaker } from '../../../src/policy/breaker-options.ts';

function period(options: BareBreakerOptions = {}, random = (): number => 0.5): OpenPeriod {
  return new OpenPeriod(parseBareBreaker(options).config, random);
}

function lengths(openPeriod: OpenPeriod, times: number): number[] {
  return Array.from({ length: times }, () => openPeriod.next());
}

describe('grows', () => {
  it.each([
    ['by default', {}, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]],
    ['not, with factor 1', { backoff: { factor: 1 } }, [5_000, 5_000, 5_000, 5_000, 5_000, 5_000]],
    ['by a fraction', { openFor: '1s', backoff: { factor: 1.5 } }, [1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75]],
    ['up to max', { openFor: '1s', backoff: { factor: 10, max: '5s' } }, [1_000, 5_000, 5_000, 5_000, 5_000, 5_000]],
    [
      'not under an openFor that is over the default max',
      { openFor: '2m' },
      [120_000, 120_000, 120_000, 120_000, 120_000, 120_000],
    ],
  ] as [string, BareBreakerOptions, number[]][])('%s', (_, options, expected) => {
    expect(lengths(period(options), expected.length)).toEqual(expected);
  });

  it('to max, and never over it, however often', () => {
    expect(lengths(period(), 5_000).slice(-4_000)).toEqual(new Array(4_000).fill(60_000));
  });

  it('anew after a reset', () => {
    const openPeriod = period();
    lengths(openPeriod, 3);
    openPeriod.reset();
    expect(lengths(openPeriod, 2)).toEqual([5_000, 10_000]);
  });
});

describe('is spread by jitter', () => {
  it.each([
    [0, 4_000],
    [0.25, 4_500],
    [0.5, 5_000],
    [1, 6_000],
  ])('of 20 %%, with the draw %d: %d ms', (draw, length) => {
    expect(period({ jitter: '20%' }, () => draw).next()).toBeCloseTo(length, 9);
  });

  it('evenly, around its length, never outside, and never over the longest', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (jitter, draw) => {
        const openPeriod = period({ jitter }, () => draw);
        for (const length of [5_000, 10_000, 20_000, 40_000, 60_000]) {
          const from = length * (1 - jitter);
          const to = Math.min(length * (1 + jitter), 60_000);
          expect(openPeriod.next()).toBeCloseTo(from + (to - from) * draw, 6);
        }
      }),
    );
  });

  it.each([
    [0, 48_000],
    [0.5, 54_000],
    [1, 60_000],
  ])(
    'downwards only at the longest, so that clients there do not come back in the same instant: draw %d, %d ms',
    (draw, length) => {
      const openPeriod = period({ jitter: '20%', openFor: '60s' }, () => draw);
      for (const ms of lengths(openPeriod, 2)) expect(ms).toBeCloseTo(length, 9);
    },
  );

  it('with a draw of its own for each period', () => {
    const draws = [0, 1, 0.5];
    const openPeriod = period({ jitter: 0.5, backoff: { factor: 1 } }, () => draws.shift() ?? Number.NaN);
    expect(lengths(openPeriod, 3)).toEqual([2_500, 7_500, 5_000]);
  });
});
