import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailureRate } from '../../../src/core/trip/failure-rate.ts';
import { isReached } from '../helpers/reference-trip.ts';

const TEN_SECONDS = { durationMs: 10_000, slices: 10 };

/** Records so many successes, then so many failures; whether it is met at the end. */
function metAfter(condition: FailureRate, successes: number, failures: number, nowMs = 0): boolean {
  let met = false;
  for (let i = 0; i < successes; i++) met = condition.record(false, 0, nowMs, false);
  for (let i = 0; i < failures; i++) met = condition.record(true, 0, nowMs, false);
  return met;
}

describe('is met at or over its threshold', () => {
  it.each([
    ['50 %, 10 of 20', 0.5, 10, 20, true],
    ['50 %, 9 of 20', 0.5, 9, 20, false],
    ['30 %, 3 of 10', 0.3, 3, 10, true],
    ['30 %, 2 of 10', 0.3, 2, 10, false],
    ['70 %, 7 of 10', 0.7, 7, 10, true],
    ['1 %, 1 of 100', 0.01, 1, 100, true],
    ['1 %, none of 100', 0.01, 0, 100, false],
    ['next to nothing, none of 100', 1e-12, 0, 100, false],
    ['29 %, 29 of 100', 0.29, 29, 100, true],
    ['57 %, 57 of 100', 0.57, 57, 100, true],
    ['57 %, 56 of 100', 0.57, 56, 100, false],
    ['100 %, all', 1, 10, 10, true],
    ['100 %, all but one', 1, 9, 10, false],
    ['0.1 + 0.2, 3 of 10', 0.1 + 0.2, 3, 10, true],
  ])('%s', (_, threshold, failures, calls, met) => {
    const condition = new FailureRate({ threshold, minCalls: calls, window: { calls } });
    expect(metAfter(condition, calls - failures, failures)).toBe(met);
  });

  it('for every share of every number of calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 300 }), fc.nat(), (perMille, calls, some) => {
        const failures = some % (calls + 1);
        const condition = new FailureRate({ threshold: perMille / 1_000, minCalls: calls, window: { calls } });
        expect(metAfter(condition, calls - failures, failures)).toBe(isReached(failures, calls, perMille / 1_000));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('is judged once there are minCalls', () => {
  it('not before, however bad', () => {
    const condition = new FailureRate({ threshold: 0.5, minCalls: 20, window: TEN_SECONDS });
    expect(metAfter(condition, 0, 19)).toBe(false);
    expect(metAfter(condition, 0, 1)).toBe(true);
  });

  it('in the window, not ever', () => {
    const condition = new FailureRate({ threshold: 0.5, minCalls: 20, window: TEN_SECONDS });
    metAfter(condition, 0, 19);
    expect(metAfter(condition, 0, 1, 10_000)).toBe(false);
    expect(metAfter(condition, 0, 18, 19_999)).toBe(false);
    expect(metAfter(condition, 0, 1, 19_999)).toBe(true);
  });

  it('also by a success that makes them full', () => {
    const condition = new FailureRate({ threshold: 0.5, minCalls: 4, window: { calls: 10 } });
    const met = [true, true, true, false].map((failed) => condition.record(failed, 0, 0, false));
    expect(met).toEqual([false, false, false, true]);
  });
});

it('gives its numbers', () => {
  const condition = new FailureRate({ threshold: 0.5, minCalls: 4, window: TEN_SECONDS });
  expect(metAfter(condition, 1, 3)).toBe(true);
  expect(condition.verdict()).toEqual({
    reason: 'failureRate',
    failures: 3,
    calls: 4,
    rate: 0.75,
    threshold: 0.5,
    window: TEN_SECONDS,
  });
  expect(condition.snapshot(0)).toEqual({ condition: 'failureRate', value: 0.75, threshold: 0.5, calls: 4 });
});

it('stands at 0 when its window is empty: never filled, run out, or cleared', () => {
  const condition = new FailureRate({ threshold: 0.5, minCalls: 4, window: TEN_SECONDS });
  const empty = { condition: 'failureRate', value: 0, threshold: 0.5, calls: 0 };
  expect(condition.snapshot(0)).toEqual(empty);
  metAfter(condition, 1, 3);
  expect(condition.snapshot(10_000)).toEqual(empty);
  metAfter(condition, 1, 3, 10_000);
  condition.clear();
  expect(condition.snapshot(10_000)).toEqual(empty);
});

it('does not look at durations', () => {
  expect(new FailureRate({ threshold: 0.5, minCalls: 1, window: TEN_SECONDS }).slowerThanMs).toBe(Infinity);
});
