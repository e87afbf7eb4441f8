import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenPeriod } from '../../../src/core/recovery/open-period.ts';
import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { parseBareBreaker } from '../../../src/policy/breaker-options.ts';

function period(options: BareBreakerOptions = {}, random = (): number => 0.5): OpenPeriod {
  return new OpenPeriod(parseBareBreaker(options).config, random);
}

/** Periods in a row, at one instant. */
function lengths(openPeriod: OpenPeriod, times: number): number[] {
  return Array.from({ length: times }, () => openPeriod.next(0));
}

/** Open periods of 5 s that grow to 60 s. */
const FIVE = { openFor: '5s', backoff: { max: '60s' } } as const;

describe('grows', () => {
  it.each([
    ['by default', {}, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
    ['twofold', FIVE, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]],
    ['not, with factor 1', { openFor: '5s', backoff: { factor: 1 } }, [5_000, 5_000, 5_000, 5_000, 5_000, 5_000]],
    ['by a fraction', { openFor: '1s', backoff: { factor: 1.5, max: '60s' } }, [1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75]],
    ['up to max', { openFor: '1s', backoff: { factor: 10, max: '5s' } }, [1_000, 5_000, 5_000, 5_000, 5_000, 5_000]],
    [
      'to 25 times openFor where nothing else is said',
      { openFor: '2m' },
      [120_000, 240_000, 480_000, 960_000, 1_920_000, 3_000_000, 3_000_000],
    ],
  ] as [string, BareBreakerOptions, number[]][])('%s', (_, options, expected) => {
    expect(lengths(period(options), expected.length)).toEqual(expected);
  });

  it('to max, and never over it, however often', () => {
    expect(lengths(period(FIVE), 5_000).slice(-4_000)).toEqual(new Array(4_000).fill(60_000));
  });

  it('anew after a reset', () => {
    const openPeriod = period(FIVE);
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
    expect(period({ ...FIVE, jitter: '20%' }, () => draw).next(0)).toBeCloseTo(length, 9);
  });

  it('evenly, around its length, never outside, and never over the longest', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (jitter, draw) => {
        const openPeriod = period({ ...FIVE, jitter }, () => draw);
        for (const length of [5_000, 10_000, 20_000, 40_000, 60_000]) {
          const from = length * (1 - jitter);
          const to = Math.min(length * (1 + jitter), 60_000);
          expect(openPeriod.next(0)).toBeCloseTo(from + (to - from) * draw, 6);
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
      const openPeriod = period({ jitter: '20%', openFor: '60s', backoff: { max: '60s' } }, () => draw);
      for (const ms of lengths(openPeriod, 2)) expect(ms).toBeCloseTo(length, 9);
    },
  );

  it('with a draw of its own for each period', () => {
    const draws = [0, 1, 0.5];
    const openPeriod = period(
      { openFor: '5s', jitter: 0.5, backoff: { factor: 1, max: '60s' } },
      () => draws.shift() ?? Number.NaN,
    );
    expect(lengths(openPeriod, 3)).toEqual([2_500, 7_500, 5_000]);
  });
});

describe('after it closed by itself', () => {
  const stable = { openFor: '1s', backoff: { max: '60s' }, stability: '10s' } as const;

  it.each([
    [0, 4_000],
    [9_999, 4_000],
    [10_000, 1_000],
    [1e9, 1_000],
  ])('and tripped %d ms later, it is open for %d ms', (afterMs, length) => {
    const openPeriod = period(stable);
    lengths(openPeriod, 2);
    openPeriod.closed(500);
    expect(openPeriod.next(500 + afterMs)).toBe(length);
  });

  it('a trip that did not close again is no quiet spell, however long it lasts', () => {
    const openPeriod = period(stable);
    openPeriod.next(0);
    openPeriod.closed(0);
    expect([openPeriod.next(20_000), openPeriod.next(1e9)]).toEqual([1_000, 2_000]);
  });

  it('begins anew at once without `stability`', () => {
    const openPeriod = period({ ...stable, stability: 0 });
    lengths(openPeriod, 3);
    openPeriod.closed(0);
    expect(openPeriod.next(0)).toBe(1_000);
  });
});

describe('a server that asks to be left alone', () => {
  const asked = { openFor: '1s', backoff: { max: '5s' } } as const;

  it.each([
    ['is left alone for so long', 3_000, 3_000],
    ['not for less than the period that is due', 300, 1_000],
    ['at most for `backoff.max`', 3_600_000, 5_000],
    ['not where it asks for nothing', 0, 1_000],
    ['not where it asks for a negative time', -1, 1_000],
    ['not where it asks for less than ever', -Infinity, 1_000],
  ])('%s', (_, ms, length) => {
    const openPeriod = period(asked);
    openPeriod.pushBack(ms, 0);
    expect(openPeriod.next(0)).toBe(length);
  });

  it('is left alone until then, not for so long after every trip', () => {
    const openPeriod = period({ ...asked, backoff: { factor: 1, max: '5s' } });
    expect(openPeriod.pushBack(4_000, 100)).toBe(4_100);
    expect(openPeriod.pushBack(1_000, 100)).toBe(4_100);
    expect([openPeriod.next(2_100), openPeriod.next(4_000)]).toEqual([2_000, 1_000]);
  });

  it('ends no period early by what it asked: refused calls wait as long', () => {
    const openPeriod = period({ ...asked, backoff: { factor: 2, max: '20s' } });
    expect([openPeriod.next(0), openPeriod.earliestMs]).toEqual([1_000, 1_000]);
    expect([openPeriod.next(0), openPeriod.earliestMs]).toEqual([2_000, 1_000]);
    openPeriod.pushBack(1_500, 0);
    expect([openPeriod.next(0), openPeriod.earliestMs]).toEqual([4_000, 1_500]);
  });

  it('has asked before a reset: that is forgotten', () => {
    const openPeriod = period(asked);
    openPeriod.pushBack(4_000, 0);
    openPeriod.reset();
    expect(openPeriod.next(0)).toBe(1_000);
  });
});
