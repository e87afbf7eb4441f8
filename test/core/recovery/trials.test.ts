import { describe, expect, it } from 'vitest';
import { Trials } from '../../../src/core/recovery/trials.ts';

/** Trials on a lease of 30 ms each, and the tickets of those that are under way. */
function make(places: number, granted = places): { trials: Trials; tickets: number[] } {
  const trials = new Trials(places, 30);
  return { trials, tickets: Array.from({ length: granted }, () => trials.grant(0, Infinity, Infinity)) };
}

/** A ticket by its number. */
function nth(tickets: readonly number[], at: number): number {
  const ticket = tickets[at];
  if (ticket === undefined) throw new Error(`there is no ticket ${at}`);
  return ticket;
}

describe('places', () => {
  it('are as many as there are trials', () => {
    const { trials, tickets } = make(2);
    expect(new Set(tickets).size).toBe(2);
    expect(tickets).not.toContain(-1);
    expect(trials.grant(0, 10, Infinity)).toBe(-1);
  });

  it('are granted again when given back, and not after a success', () => {
    const { trials, tickets } = make(2);
    trials.succeed(nth(tickets, 0));
    trials.giveBack(nth(tickets, 0));
    expect(trials.grant(0, 10, Infinity)).toBe(-1);
    trials.giveBack(nth(tickets, 1));
    expect(trials.grant(0, 10, Infinity)).toBeGreaterThanOrEqual(0);
    expect(trials.grant(0, 10, Infinity)).toBe(-1);
  });

  it('are all free again in a new period, with no success left over', () => {
    const { trials, tickets } = make(2);
    trials.succeed(nth(tickets, 0));
    trials.clear();
    const again = [trials.grant(0, 10, Infinity), trials.grant(0, 10, Infinity)];
    expect(again).not.toContain(-1);
    expect(trials.grant(0, 10, Infinity)).toBe(-1);
    trials.succeed(nth(again, 1));
    expect(trials.haveSucceeded).toBe(false);
  });

  it.each([1, 2])('are granted to %d at a time, where no more are wanted; a success does not count', (atMost) => {
    const trials = new Trials(3, 30);
    const first = Array.from({ length: atMost }, () => trials.grant(0, 10, atMost));
    expect(first).not.toContain(-1);
    expect(trials.grant(0, 10, atMost)).toBe(-1);
    trials.succeed(nth(first, 0));
    expect(trials.grant(0, 10, atMost)).toBeGreaterThanOrEqual(0);
  });
});

describe('a ticket', () => {
  it('is never the same twice, and holds its place until it gives it back', () => {
    const { trials } = make(2, 0);
    const seen = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const ticket = trials.grant(0, 10, Infinity);
      expect(seen.has(ticket)).toBe(false);
      seen.add(ticket);
      expect(trials.holds(ticket)).toBe(true);
      trials.giveBack(ticket);
      expect(trials.holds(ticket)).toBe(false);
    }
  });

  it('of before does nothing to the trial that has its place now', () => {
    const { trials, tickets } = make(1);
    trials.giveBack(nth(tickets, 0));
    const next = trials.grant(0, 30, Infinity);
    trials.giveBack(nth(tickets, 0));
    trials.succeed(nth(tickets, 0));
    trials.answer(nth(tickets, 0));
    expect([trials.holds(next), trials.isAnswered(next), trials.haveSucceeded]).toEqual([true, false, false]);
    expect(trials.grant(0, 30, Infinity)).toBe(-1);
  });

  it('of a period before holds nothing in the next', () => {
    const { trials, tickets } = make(2);
    trials.clear();
    for (const ticket of tickets) expect(trials.holds(ticket)).toBe(false);
    for (const ticket of tickets) trials.succeed(ticket);
    expect(trials.haveSucceeded).toBe(false);
  });

  it('that is none holds nothing', () => {
    const { trials } = make(2);
    expect([trials.holds(-1), trials.isAnswered(-1), trials.leaseMs(-1)]).toEqual([false, false, 0]);
  });
});

describe('have succeeded', () => {
  it('when all have, in any order', () => {
    const { trials, tickets } = make(3);
    const seen = [2, 0, 1].map((at) => {
      trials.succeed(nth(tickets, at));
      return trials.haveSucceeded;
    });
    expect(seen).toEqual([false, false, true]);
  });

  it('each of them once', () => {
    const { trials, tickets } = make(2);
    trials.succeed(nth(tickets, 0));
    trials.succeed(nth(tickets, 0));
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
    const { trials } = make(1, 0);
    const ticket = trials.grant(100, deadlineMs, Infinity);
    expect(trials.leaseMs(ticket)).toBe(leaseMs);
    expect([trials.expired(100 + leaseMs - 0.001), trials.expired(100 + leaseMs), trials.expired(1e12)]).toEqual([
      -1,
      ticket,
      ticket,
    ]);
  });

  it('is over for a trial that succeeded or gave its place back', () => {
    const { trials, tickets } = make(2);
    trials.succeed(nth(tickets, 0));
    trials.giveBack(nth(tickets, 1));
    expect(trials.expired(1e12)).toBe(-1);
  });
});

it('a trial is answered when its first message has come, and the next in its place is not', () => {
  const { trials, tickets } = make(2);
  trials.answer(nth(tickets, 1));
  expect(tickets.map((ticket) => trials.isAnswered(ticket))).toEqual([false, true]);
  trials.giveBack(nth(tickets, 1));
  expect(trials.isAnswered(trials.grant(0, 30, Infinity))).toBe(false);
});

describe('the next place', () => {
  it('is there at once while one is free', () => {
    expect(make(2, 1).trials.nextPlaceInMs(3, Infinity)).toBe(0);
  });

  it('comes when the first lease ends', () => {
    const trials = new Trials(3, 30);
    const tickets = [30, 10, 20].map((deadlineMs) => trials.grant(0, deadlineMs, Infinity));
    expect([0, 4, 10, 99].map((ms) => trials.nextPlaceInMs(ms, Infinity))).toEqual([10, 6, 0, 0]);
    trials.succeed(nth(tickets, 1));
    expect(trials.nextPlaceInMs(4, Infinity)).toBe(16);
  });

  it('comes when the first lease ends, too, where places are free but no more are wanted at a time', () => {
    const { trials } = make(3, 1);
    expect([trials.nextPlaceInMs(12, 1), trials.nextPlaceInMs(12, 2)]).toEqual([18, 0]);
  });
});
