import { beforeEach, describe, expect, it } from 'vitest';
import { Stalls } from '../../src/grpc/stalls.ts';

// Ticks are due every 10 ms; the tests say when they came, on both clocks.

let now: number;
let wall: number;
let stalls: Stalls;

function tickAfter(ms: number, wallMs = ms): void {
  now += ms;
  wall += wallMs;
  stalls.tick(now);
}

function call() {
  return { askedMs: now, stallsBefore: stalls.count, lateBeforeMs: stalls.lateMs };
}

beforeEach(() => {
  now = 1_000;
  wall = 1e12;
  stalls = new Stalls(() => wall);
  stalls.begin(now);
});

describe('ticks', () => {
  it('that come in time, or up to 60 ms late, are no stall; over 20 ms late they are told apart from waiting', () => {
    const early = call();
    for (const ms of [10, 11, 30]) tickAfter(ms);
    expect(stalls.lateFor(early, now)).toBe(0);
    tickAfter(70);
    expect(stalls.heldUp(early, now)).toBe(false);
    expect(stalls.lateFor(early, now)).toBe(60);
  });

  it('that come later are one, for the calls that were under way', () => {
    const before = call();
    tickAfter(310);
    const after = call();
    expect(stalls.heldUp(before, now)).toBe(true);
    expect(stalls.heldUp(after, now)).toBe(false);
    expect(stalls.lateFor(before, now)).toBe(300);
    expect(stalls.lateFor(after, now)).toBe(0);
    tickAfter(10);
    expect(stalls.heldUp(before, now)).toBe(true);
  });

  it('that are overdue are one before they come, but not for a call that was only made then', () => {
    const before = call();
    now += 300;
    wall += 300;
    const late = call();
    now += 50;
    expect(stalls.heldUp(before, now)).toBe(true);
    expect(stalls.heldUp(late, now)).toBe(false);
    expect(stalls.lateFor(before, now)).toBe(340);
    expect(stalls.covers(1_200, now)).toBe(true);
    expect(stalls.covers(999, now)).toBe(false);
  });

  it.each([
    ['a test moves the clock', 5_000, 10],
    ['the wall clock is set', 10, 5_000],
  ])('late on one clock only are none: %s', (_name, ms, wallMs) => {
    const before = call();
    now += ms;
    wall += wallMs;
    expect(stalls.heldUp(before, now)).toBe(false);
    expect(stalls.covers(1_005, now)).toBe(false);
    tickAfter(0);
    expect(stalls.heldUp(before, now)).toBe(false);
    expect(stalls.lateFor(before, now)).toBe(0);
  });

  it('that stop say nothing of the time without them', () => {
    stalls.stop();
    now += 5_000;
    wall += 5_000;
    expect(stalls.heldUp(call(), now)).toBe(false);
    expect(stalls.covers(3_000, now)).toBe(false);
    stalls.begin(now);
    tickAfter(10);
    expect(stalls.count).toBe(0);
  });
});

it('a stall whose end no tick has seen is over when ticks begin again', () => {
  tickAfter(310);
  stalls.stop();
  now += 1_000;
  wall += 1_000;
  stalls.begin(now);
  now += 5;
  wall += 5;
  expect(stalls.covers(1_300, now)).toBe(true);
  expect(stalls.covers(now, now)).toBe(false);
});

describe('an instant', () => {
  it('lies in a stall from the last tick before it until the first one after: what came meanwhile is read in between', () => {
    tickAfter(10);
    tickAfter(310);
    expect([1_009, 1_010, 1_300, 1_320, 1_325].map((instant) => stalls.covers(instant, now))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    tickAfter(10);
    expect([1_300, 1_330, 1_331].map((instant) => stalls.covers(instant, now))).toEqual([true, true, false]);
  });
});
