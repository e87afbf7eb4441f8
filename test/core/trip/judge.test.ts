import { describe, expect, it } from 'vitest';
import { Judge } from '../../../src/core/trip/judge.ts';
import { newSlot } from '../helpers/make.ts';

const WINDOW = { calls: 2 };
const failureRate = { threshold: 0.5, minCalls: 2, window: WINDOW };
const slowCallRate = { threshold: 0.5, minCalls: 2, window: WINDOW, slowerThanMs: 25 };
const consecutiveFailures = { threshold: 2 };

/** A result of a call of its own. */
function record(judge: Judge, failed: boolean, durationMs: number, nowMs: number) {
  return judge.record(newSlot(), failed, durationMs, nowMs, -1);
}

/** The reason of the verdict after two results, or undefined. */
function reasonAfter(judge: Judge, ...results: [failed: boolean, durationMs: number][]): string | undefined {
  return results
    .map(([failed, durationMs]) => record(judge, failed, durationMs, 0))
    .at(-1)
    ?.verdict(0).reason;
}

describe('any condition trips', () => {
  const judge = () => new Judge({ slowCallRate, failureRate, consecutiveFailures });
  it.each([
    ['two failures in a row, first of all', [true, 1], [true, 1], 'consecutiveFailures'],
    ['half failed', [true, 1], [false, 1], 'failureRate'],
    ['half slow', [false, 26], [false, 1], 'slowCallRate'],
    ['half failed and half slow', [true, 1], [false, 26], 'failureRate'],
    ['all well', [false, 1], [false, 25], undefined],
  ] as [string, [boolean, number], [boolean, number], string | undefined][])('%s', (_, first, second, reason) => {
    expect(reasonAfter(judge(), first, second)).toBe(reason);
  });
});

it('gives every condition every result, also once one is met', () => {
  const judge = new Judge({ consecutiveFailures: { threshold: 1 }, failureRate, slowCallRate });
  record(judge, true, 26, 0);
  record(judge, true, 1, 0);
  expect(judge.snapshot(0)).toEqual([
    { condition: 'consecutiveFailures', value: 2, threshold: 1, calls: 2 },
    { condition: 'failureRate', value: 1, threshold: 0.5, calls: 2 },
    { condition: 'slowCallRate', value: 0.5, threshold: 0.5, calls: 2 },
  ]);
});

it('knows from when on a call is slow', () => {
  expect(new Judge({ consecutiveFailures, failureRate }).slowerThanMs).toBe(Infinity);
  expect(new Judge({ consecutiveFailures, slowCallRate }).slowerThanMs).toBe(25);
});

it('clears every condition', () => {
  const judge = new Judge({ consecutiveFailures, failureRate, slowCallRate });
  record(judge, true, 26, 0);
  judge.clear();
  expect(judge.snapshot(0).map(({ value, calls }) => [value, calls])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(reasonAfter(judge, [true, 26])).toBeUndefined();
});

describe('is spotless', () => {
  const judge = () =>
    new Judge({ consecutiveFailures, failureRate: { ...failureRate, window: { durationMs: 1_000, slices: 10 } }, slowCallRate });

  it('while nothing failed or was slow', () => {
    const clean = judge();
    expect(clean.isSpotless(0)).toBe(true);
    record(clean, false, 1, 0);
    expect(clean.isSpotless(0)).toBe(true);
  });

  it('not after a failure, or a slow call', () => {
    for (const [failed, durationMs] of [
      [true, 1],
      [false, 26],
    ] as const) {
      const spotted = judge();
      record(spotted, failed, durationMs, 0);
      expect(spotted.isSpotless(0)).toBe(false);
    }
  });

  it('again when its window has passed and a success came', () => {
    const healed = judge();
    record(healed, true, 1, 0);
    record(healed, false, 1, 500);
    expect([healed.isSpotless(999), healed.isSpotless(1_000)]).toEqual([false, true]);
  });
});
