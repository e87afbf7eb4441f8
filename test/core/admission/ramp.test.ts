import { describe, expect, it } from 'vitest';
import { Ramp } from '../../../src/core/admission/ramp.ts';

/** A ramp that begins at 0. */
function ramp(lengthMs: number): Ramp {
  const made = new Ramp();
  made.begin(0, lengthMs);
  return made;
}

/** The share that passes of calls that come evenly, from one time to another. */
function passed(made: Ramp, perSecond: number, fromMs: number, toMs: number): number {
  let calls = 0;
  let through = 0;
  for (let ms = fromMs; ms < toMs; ms += 1_000 / perSecond) {
    calls++;
    if (made.admits(ms)) through++;
  }
  return through / calls;
}

it('lets a growing share through, evenly from a tenth to all', () => {
  const made = ramp(10_000);
  expect([0, 2_500, 5_000, 10_000, 20_000].map((ms) => made.share(ms))).toEqual([0.1, 0.325, 0.55, 1, 1]);
  const shares = [0, 2_000, 4_000, 6_000, 8_000].map((fromMs) => passed(made, 2_000, fromMs, fromMs + 2_000));
  // In the middle of each stretch; five calls a second more, in 2,000, are next to nothing.
  for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(0.19 + 0.18 * i, 2);
});

describe('a quiet method', () => {
  it.each([0.1, 1, 4, 5])('of %d evenly spaced calls a second is never refused', (perSecond) => {
    expect(passed(ramp(1e9), perSecond, 0, 60_000)).toBe(1);
  });

  it('may ask for a second’s calls at once', () => {
    const made = ramp(1e9);
    for (let second = 1; second <= 20; second++) {
      for (let i = 0; i < 5; i++) expect(made.admits(second * 1_000)).toBe(true);
    }
  });

  it('does not save up more than that', () => {
    const made = ramp(1e9);
    const burst = Array.from({ length: 20 }, () => made.admits(60_000)).filter(Boolean).length;
    expect(burst).toBeGreaterThanOrEqual(5);
    expect(burst).toBeLessThanOrEqual(7);
  });
});

it('is over at its end, not before, and begins anew with nothing left over', () => {
  const made = ramp(1_000);
  expect([made.isOver(999.9), made.isOver(1_000)]).toEqual([false, true]);
  for (let i = 0; i < 10; i++) made.record(true, 2);
  made.begin(5_000, 1_000);
  expect([made.isOver(5_000), made.share(5_000), made.calls, made.failures]).toEqual([false, 0.1, 0, 0]);
});

describe('failures', () => {
  it('speak for opening at their share of the calls, from three on', () => {
    const made = ramp(1_000);
    expect([made.record(true, 0.5), made.record(true, 0.5), made.record(true, 0.5)]).toEqual([false, false, true]);
  });

  it('not below it', () => {
    const made = ramp(1_000);
    for (let i = 0; i < 5; i++) made.record(false, 0.5);
    expect(Array.from({ length: 5 }, () => made.record(true, 0.5))).toEqual([false, false, false, false, true]);
  });

  it('never by themselves where `adaptive` judges', () => {
    const made = ramp(1_000);
    for (let i = 0; i < 100; i++) expect(made.record(true, Infinity)).toBe(false);
  });
});
