import { describe, expect, it } from 'vitest';
import { SlowCallRate } from '../../../src/core/trip/slow-call-rate.ts';

function make(threshold = 0.5, calls = 4): SlowCallRate {
  return new SlowCallRate({ threshold, minCalls: calls, window: { calls }, slowerThanMs: 25 });
}

describe('a call is slow', () => {
  it.each([
    [24.999, false],
    [25, false],
    [25.001, true],
    [1e9, true],
    [0, false],
  ])('%d ms: %s', (durationMs, slow) => {
    expect(make(1, 1).record(false, durationMs, 0, false)).toBe(slow);
  });

  it('failed ones included', () => {
    expect(make(1, 1).record(true, 26, 0, false)).toBe(true);
  });

  it('not because it failed', () => {
    expect(make(1, 1).record(true, 1, 0, false)).toBe(false);
  });
});

it('is met at or over its threshold, with minCalls, and gives its numbers', () => {
  const condition = make();
  expect([30, 1, 1, 26].map((ms) => condition.record(false, ms, 0, false))).toEqual([false, false, false, true]);
  expect(condition.verdict()).toEqual({
    reason: 'slowCallRate',
    slow: 2,
    calls: 4,
    rate: 0.5,
    threshold: 0.5,
    slowerThanMs: 25,
    window: { calls: 4 },
  });
  const standing = { condition: 'slowCallRate', value: 0.5, threshold: 0.5, calls: 4, slowerThanMs: 25 };
  expect(condition.snapshot(0)).toEqual(standing);
});

it('forgets, with time and when cleared', () => {
  const condition = new SlowCallRate({
    threshold: 0.5,
    minCalls: 2,
    window: { durationMs: 1_000, slices: 10 },
    slowerThanMs: 25,
  });
  condition.record(false, 30, 0, false);
  expect(condition.record(false, 30, 1_000, false)).toBe(false);
  expect(condition.snapshot(1_000)).toMatchObject({ value: 1, calls: 1 });
  expect(condition.snapshot(2_000)).toMatchObject({ value: 0, calls: 0 });
  condition.record(false, 30, 2_000, false);
  condition.clear();
  expect(condition.snapshot(2_000)).toMatchObject({ value: 0, calls: 0 });
});

describe('a call under way', () => {
  it('is slow when it is seen to be, and does not count again when it ends', () => {
    const condition = make(0.5, 2);
    expect(condition.recordSlow(0)).toBe(false);
    expect(condition.record(true, 900, 0, true)).toBe(false);
    expect(condition.snapshot(0)).toMatchObject({ value: 1, calls: 1 });
    expect(condition.recordSlow(0)).toBe(true);
    expect(condition.verdict()).toMatchObject({ slow: 2, calls: 2 });
  });
});

it.each([-1, Number.NEGATIVE_INFINITY, Number.NaN])('takes no notice of a duration that is not known: %d', (durationMs) => {
  const condition = make(1, 1);
  expect(condition.record(true, durationMs, 0, false)).toBe(false);
  expect(condition.snapshot(0)).toMatchObject({ calls: 0 });
});
