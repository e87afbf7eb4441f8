import { describe, expect, it } from 'vitest';
import { Trials } from '../../../src/core/recovery/trials.ts';

/** All of them on a lease of 30 ms. */
function make(trials: number, granted = trials): Trials {
  const made = new Trials(trials, 30);
  for (let i = 0; i < granted; i++) made.grant(0, Infinity);
  return made;
}

describe('places', () => {
  it('are as many as there are trials', () => {
    const trials = make(2, 0);
    expect([trials.grant(0, 10), trials.grant(0, 10), trials.grant(0, 10)]).toEqual([0, 1, -1]);
  });

  it('are granted again when given back, and not after a success', () => {
    const trials = make(2);
    trials.succeed(0);
    trials.giveBack(0);
    expect(trials.grant(0, 10)).toBe(-1);
    trials.giveBack(1);
    expect([trials.grant(0, 10), trials.grant(0, 10)]).toEqual([1, -1]);
  });

  it('are all free again in a new period, with no success left over', () => {
    const trials = make(2);
    trials.succeed(0);
    trials.clear();
    expect([trials.grant(0, 10), trials.grant(0, 10), trials.grant(0, 10)]).toEqual([0, 1, -1]);
    trials.succeed(1);
    expect(trials.haveSucceeded).toBe(false);
  });
});

describe('have succeeded', () => {
  it('when all have, in any order', () => {
    const trials = make(3);
    const seen = [2, 0, 1].map((place) => {
      trials.succeed(place);
      return trials.haveSucceeded;
    });
    expect(seen).toEqual([false, false, true]);
  });

  it('each of them once', () => {
    const trials = make(2);
    trials.succeed(0);
    trials.succeed(0);
    expect(trials.haveSucceeded).toBe(false);
  });
});

describe('a lease', () => {
  it.each([
    ['the time to the deadline', 20, 20],
    ['30 ms where the deadline is later', 31, 30],
    ['30 ms without a deadline', Infinity, 30],
    ['30 ms where the deadline is past, which says nothing', 0, 30],
    ['30 ms where the deadline is long past', -5_000, 30],
    ['30 ms where the deadline is no number', Number.NaN, 30],
  ])('is %s', (_, deadlineMs, leaseMs) => {
    const trials = make(1, 0);
    trials.grant(100, deadlineMs);
    expect([trials.expire(100 + leaseMs - 0.001), trials.expire(100 + leaseMs), trials.expire(1e12)]).toEqual([
      -1,
      leaseMs,
      leaseMs,
    ]);
  });

  it('is over for a trial that succeeded or gave its place back', () => {
    const trials = make(2);
    trials.succeed(0);
    trials.giveBack(1);
    expect(trials.expire(1e12)).toBe(-1);
  });
});

describe('a trial that is being answered at the end of its lease', () => {
  it('has succeeded then, not before', () => {
    const trials = make(1);
    trials.answer(0);
    expect([trials.expire(29), trials.haveSucceeded]).toEqual([-1, false]);
    expect([trials.expire(30), trials.haveSucceeded]).toEqual([-1, true]);
  });

  it('does not hide one that is not', () => {
    const trials = make(3);
    trials.answer(0);
    trials.answer(2);
    expect(trials.expire(30)).toBe(30);
    expect(trials.haveSucceeded).toBe(false);
  });

  it('does not answer for the next in its place', () => {
    const trials = make(1);
    trials.answer(0);
    trials.giveBack(0);
    trials.grant(0, Infinity);
    expect(trials.expire(30)).toBe(30);
  });
});

describe('the next place', () => {
  it('is there at once while one is free', () => {
    expect(make(2, 1).nextPlaceInMs(3)).toBe(0);
  });

  it('comes when the first lease ends', () => {
    const trials = make(3, 0);
    for (const deadlineMs of [30, 10, 20]) trials.grant(0, deadlineMs);
    expect([0, 4, 10, 99].map((ms) => trials.nextPlaceInMs(ms))).toEqual([10, 6, 0, 0]);
    trials.succeed(1);
    expect(trials.nextPlaceInMs(4)).toBe(16);
  });
});
