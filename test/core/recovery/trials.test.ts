import { describe, expect, it } from 'vitest';
import { Trials } from '../../../src/core/recovery/trials.ts';

describe('places', () => {
  it('are as many as there are trials', () => {
    const trials = new Trials(2);
    expect([trials.grant(0, 10), trials.grant(0, 10), trials.grant(0, 10)]).toEqual([0, 1, -1]);
  });

  it('are granted again when given back, and not after a success', () => {
    const trials = new Trials(2);
    trials.grant(0, 10);
    trials.grant(0, 10);
    trials.succeed(0);
    expect(trials.grant(0, 10)).toBe(-1);
    trials.giveBack(1);
    expect([trials.grant(0, 10), trials.grant(0, 10)]).toEqual([1, -1]);
  });

  it('are all free again in a new period, with no success left over', () => {
    const trials = new Trials(2);
    trials.grant(0, 10);
    trials.succeed(0);
    trials.clear();
    expect([trials.grant(0, 10), trials.grant(0, 10), trials.grant(0, 10)]).toEqual([0, 1, -1]);
    expect([trials.succeed(1), trials.succeed(0)]).toEqual(['undecided', 'allSucceeded']);
  });
});

it('are decided when all have succeeded', () => {
  const trials = new Trials(3);
  for (let i = 0; i < 3; i++) trials.grant(0, 10);
  expect([trials.succeed(2), trials.succeed(0), trials.succeed(1)]).toEqual(['undecided', 'undecided', 'allSucceeded']);
});

describe('a lease', () => {
  it('ends at its end, not before', () => {
    const trials = new Trials(1);
    trials.grant(100, 50);
    expect([trials.expiredLease(149.999), trials.expiredLease(150), trials.expiredLease(1e12)]).toEqual([-1, 50, 50]);
  });

  it('of no length ends at once', () => {
    const trials = new Trials(1);
    trials.grant(100, 0);
    expect(trials.expiredLease(100)).toBe(0);
  });

  it('is over for a trial that succeeded or gave its place back', () => {
    const trials = new Trials(2);
    trials.grant(0, 10);
    trials.grant(0, 10);
    trials.succeed(0);
    trials.giveBack(1);
    expect(trials.expiredLease(1e12)).toBe(-1);
  });

  it('without an end never ends, and its place is taken', () => {
    const trials = new Trials(1);
    trials.grant(0, Infinity);
    expect(trials.grant(0, Infinity)).toBe(-1);
    expect(trials.expiredLease(1e300)).toBe(-1);
  });
});

describe('the next place', () => {
  it('is there at once while one is free', () => {
    const trials = new Trials(2);
    trials.grant(0, 10);
    expect(trials.nextPlaceInMs(3)).toBe(0);
  });

  it('comes when the first lease ends', () => {
    const trials = new Trials(3);
    trials.grant(0, 30);
    trials.grant(0, 10);
    trials.grant(0, 20);
    expect([trials.nextPlaceInMs(0), trials.nextPlaceInMs(4), trials.nextPlaceInMs(10), trials.nextPlaceInMs(99)]).toEqual([
      10, 6, 0, 0,
    ]);
    trials.succeed(1);
    expect(trials.nextPlaceInMs(4)).toBe(16);
  });
});
