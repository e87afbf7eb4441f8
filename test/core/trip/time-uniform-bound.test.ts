import { describe, expect, it } from 'vitest';
import { Starts } from '../../../src/core/trip/starts.ts';
import { startWeight, TimeUniformBound } from '../../../src/core/trip/time-uniform-bound.ts';
import { randomFrom } from '../helpers/slo-traffic.ts';

/** A start after every call, as a window of time has where calls are rare: the most looks there can be. */
const EACH_CALL = { durationMs: 16, slices: 1 };

/** Calls that are over before the next; each says whether chance no longer explains how many were slow. */
function make(share: number, alpha: number): (isSlow: boolean) => boolean {
  const starts = new Starts(EACH_CALL);
  const bound = new TimeUniformBound(share, alpha, starts);
  let nowMs = 0;
  return (isSlow) => {
    nowMs += 2;
    starts.record(isSlow, nowMs - 1, nowMs);
    return isSlow && bound.isBeyondChance();
  };
}

describe('the weights of all starts together', () => {
  it('are at most 1, and not much less', () => {
    let sum = 0;
    const first = 1_000_000;
    for (let number = 0; number < first; number++) sum += startWeight(number);
    // The rest is less than the fall of 1 / ln x from there on.
    const rest = 1 / Math.log(Math.E + first);
    expect(sum + rest).toBeLessThanOrEqual(1);
    expect(sum + rest).toBeGreaterThan(0.9);
  });
});

describe('ever being wrong', () => {
  // Every sequence of 14 calls, each with its probability: not a sample.
  it.each([
    [0.5, 0.5],
    [0.3, 0.5],
    [0.3, 0.2],
    [0.1, 0.1],
  ])('has at most the promised probability (share %d, alpha %d)', (share, alpha) => {
    const length = 14;
    let wrong = 0;
    for (let sequence = 0; sequence < 2 ** length; sequence++) {
      const call = make(share, alpha);
      for (let i = 0; i < length; i++) {
        if (!call((sequence & (1 << i)) !== 0)) continue;
        let probability = 1;
        for (let j = 0; j < length; j++) probability *= (sequence & (1 << j)) === 0 ? 1 - share : share;
        wrong += probability;
        break;
      }
    }
    expect(wrong).toBeLessThanOrEqual(alpha);
    // It is not silent either.
    expect(wrong).toBeGreaterThan(0);
  });

  it('has it over long lives', () => {
    const random = randomFrom(4);
    let wrong = 0;
    for (let life = 0; life < 200; life++) {
      const call = make(0.1, 0.5);
      for (let i = 0; i < 1_000; i++) {
        if (!call(random() < 0.1)) continue;
        wrong++;
        break;
      }
    }
    expect(wrong / 200).toBeLessThan(0.5);
  });
});

describe('an excess', () => {
  it.each([
    [0.01, 1, 10],
    [0.01, 0.1, 400],
    [0.5, 1, 60],
    [0.9, 1, 400],
    [0.0001, 1, 6],
  ])(
    'of calls that may be slow in a share of %d, and are in %d, is seen within %d calls after 100,000 fast ones',
    (share, real, within) => {
      const call = make(share, 0.001);
      const random = randomFrom(9);
      for (let i = 0; i < 100_000; i++) call(false);
      let calls = 1;
      while (calls <= within && !call(random() < real)) calls++;
      expect(calls).toBeLessThanOrEqual(within);
    },
  );
});
