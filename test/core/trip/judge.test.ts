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
    { condition: 'slowCallRate', value: 0.5, threshold: 0.5, calls: 2, slowerThanMs: 25 },
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

describe('a call under way', () => {
  const both = { slowCallRate: { ...slowCallRate, threshold: 1, minCalls: 3, window: { calls: 3 } }, consecutiveFailures };

  it('is slow evidence once, however often it is seen', () => {
    const judge = new Judge(both);
    const slot = newSlot();
    expect(judge.hasSeenAll(slot)).toBe(false);
    for (const ageMs of [25, 26, 27, 900]) expect(judge.watch(slot, ageMs, 0)).toBeUndefined();
    expect(judge.hasSeenAll(slot)).toBe(true);
    judge.record(slot, false, 901, 0, -1);
    expect(judge.snapshot(0)[1]).toMatchObject({ value: 1, calls: 1 });
    expect(judge.evidence()).toMatchObject({ bad: 1, calls: [{ durationMs: 26, failed: false, code: -1 }] });
  });

  it('counts its failure when it ends', () => {
    const judge = new Judge({ ...both, consecutiveFailures: { threshold: 1 } });
    const slot = newSlot();
    judge.watch(slot, 26, 0);
    expect(judge.record(slot, true, 40, 14, 4)?.verdict(14)).toMatchObject({ reason: 'consecutiveFailures' });
    expect(judge.evidence()).toMatchObject({ bad: 1, codes: { 4: 1 } });
  });

  it('trips by what it is seen to be', () => {
    const judge = new Judge(both);
    const met = Array.from({ length: 3 }, () => judge.watch(newSlot(), 26, 0)?.verdict(0).reason);
    expect(met).toEqual([undefined, undefined, 'slowCallRate']);
  });

  it('is no evidence below every limit, and none where nothing looks at durations', () => {
    const judge = new Judge(both);
    judge.watch(newSlot(), 25, 0);
    expect(judge.evidence()).toBeUndefined();
    const deaf = new Judge({ consecutiveFailures });
    const slot = newSlot();
    deaf.watch(slot, 1e9, 0);
    expect([deaf.hasSeenAll(slot), deaf.evidence(), slot.permitSlow]).toEqual([true, undefined, 0]);
  });

  it('is counted by each condition apart, by its own limit', () => {
    const judge = new Judge({
      slowCallRate,
      latencySlo: { percentile: 0.5, limitMs: 100, window: { calls: 10 }, minCalls: 10, confidence: 0.99 },
    });
    const slot = newSlot();
    judge.watch(slot, 26, 0);
    expect(judge.hasSeenAll(slot)).toBe(false);
    const first = slot.permitSlow;
    judge.watch(slot, 101, 0);
    expect(judge.hasSeenAll(slot)).toBe(true);
    expect(slot.permitSlow).toBeGreaterThan(first);
    expect(judge.evidence()).toMatchObject({ bad: 1 });
  });
});

describe('evidence', () => {
  it('is the last eight bad calls, how many there were, over which time, and their codes', () => {
    const judge = new Judge({ consecutiveFailures: { threshold: 100 }, slowCallRate });
    for (let i = 0; i < 20; i++) judge.record(newSlot(), i % 2 === 0, i % 2 === 0 ? 5 : 30, 100 + i * 10, i % 4 === 0 ? 14 : 4);
    judge.record(newSlot(), false, 5, 1_000, 0);
    const evidence = judge.evidence();
    expect(evidence).toMatchObject({ spanMs: 190, bad: 20, codes: { 4: 5, 14: 5 } });
    expect(evidence?.calls.map(({ atMs }) => atMs)).toEqual([220, 230, 240, 250, 260, 270, 280, 290]);
    expect(evidence?.calls.at(-1)).toEqual({ atMs: 290, durationMs: 30, failed: false, code: 4 });
  });

  it('begins anew after ten quiet seconds, not before', () => {
    const judge = new Judge({ consecutiveFailures: { threshold: 100 } });
    record(judge, true, 1, 0);
    record(judge, true, 1, 10_000);
    expect(judge.evidence()).toMatchObject({ bad: 2, spanMs: 10_000 });
    record(judge, true, 1, 20_000.5);
    expect(judge.evidence()).toMatchObject({ bad: 1, spanMs: 0 });
  });

  it('has no code where none was given, and is forgotten with the rest', () => {
    const judge = new Judge({ consecutiveFailures });
    record(judge, true, 1, 0);
    expect(judge.evidence()).toMatchObject({ codes: {}, calls: [{ code: -1 }] });
    judge.clear();
    expect(judge.evidence()).toBeUndefined();
  });
});
