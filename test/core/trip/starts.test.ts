import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Starts } from '../../../src/core/trip/starts.ts';

const list = <T>(starts: Starts, of: (start: number) => T): T[] => Array.from({ length: starts.count }, (_, start) => of(start));
const calls = (starts: Starts): number[] => list(starts, (start) => starts.callsOf(start));
const slow = (starts: Starts): number[] => list(starts, (start) => starts.slowOf(start));
const numbers = (starts: Starts): number[] => list(starts, (start) => starts.numberOf(start));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('a call belongs to the start that it began after', () => {
  it('so calls made together are never parted, in whatever order they end', () => {
    const lotArb = fc.record({
      gapMs: fc.constantFrom(1, 40, 400, 3_000),
      latenciesMs: fc.tuple(...Array.from({ length: 7 }, () => fc.integer({ min: 1, max: 2_000 }))),
    });
    const windowArb = fc.constantFrom({ calls: 20 }, { calls: 1_000 }, { durationMs: 1_000, slices: 4 });
    fc.assert(
      fc.property(windowArb, fc.array(lotArb, { maxLength: 60, size: 'max' }), (window, lots) => {
        let nowMs = 1_000.1;
        const ends: { beganMs: number; endedMs: number; isSlow: boolean }[] = [];
        for (const { gapMs, latenciesMs } of lots) {
          nowMs += gapMs;
          for (const ms of latenciesMs) ends.push({ beganMs: nowMs, endedMs: nowMs + ms, isSlow: ms > 1_000 });
        }
        const starts = new Starts(window);
        for (const { beganMs, endedMs, isSlow } of ends.sort((a, b) => a.endedMs - b.endedMs))
          starts.record(isSlow, beganMs, endedMs);
        expect(calls(starts).filter((count) => count % 7 !== 0)).toEqual([]);
        expect(sum(calls(starts))).toBe(ends.length);
        expect(sum(slow(starts))).toBe(ends.filter(({ isSlow }) => isSlow).length);
      }),
    );
  });

  it('one that began before the newest start is not among those since it', () => {
    const starts = new Starts({ durationMs: 160, slices: 10 });
    starts.record(false, 99, 100); // start 1, at 100
    starts.record(true, 101, 110); // start 2, at 110
    starts.record(true, 50, 112);
    starts.record(false, 111, 113);
    expect([calls(starts), slow(starts)]).toEqual([
      [2, 1, 1],
      [1, 1, 0],
    ]);
  });
});

describe('a million calls', () => {
  it.each([{ calls: 20 }, { calls: 1_000 }, { durationMs: 10_000, slices: 10 }])(
    'leave 24 starts, fine ones of late (%j)',
    (window) => {
      const starts = new Starts(window);
      for (let ms = 1; ms <= 1e6; ms++) starts.record(ms % 100 === 0, ms - 1, ms);
      expect(starts.count).toBe(24);
      const ages = numbers(starts).map((number) => (numbers(starts).at(-1) as number) - number);
      expect(ages.slice(-4)).toEqual([3, 2, 1, 0]);
      // Evidence reaches far back, and not for ever.
      expect(ages[0]).toBeGreaterThan(1_000);
      expect(ages[0]).toBeLessThanOrEqual(1_600);
      for (let i = 1; i < ages.length - 5; i++) expect((ages[i - 1] as number) / (ages[i] as number)).toBeLessThan(3);
      expect(sum(slow(starts)) / sum(calls(starts))).toBeCloseTo(0.01, 3);
    },
  );
});

describe('restart', () => {
  it('forgets the calls, those under way included, and counts the starts on', () => {
    const starts = new Starts({ durationMs: 1_600, slices: 10 });
    for (let ms = 1; ms < 1_000; ms++) starts.record(false, ms - 1, ms);
    const last = numbers(starts).at(-1) as number;
    starts.restart();
    expect([numbers(starts), calls(starts)]).toEqual([[last + 1], [0]]);
    starts.record(true, 990, 9_000);
    expect(sum(calls(starts))).toBe(0);
    starts.record(true, 1_001, 9_000);
    expect(sum(slow(starts))).toBe(1);
  });

  it('changes nothing before the first call, and after clear', () => {
    const starts = new Starts({ calls: 20 });
    starts.restart();
    expect(numbers(starts)).toEqual([0]);
    for (let ms = 1; ms < 500; ms++) starts.record(true, ms - 1, ms);
    starts.clear();
    starts.restart();
    expect([numbers(starts), calls(starts), slow(starts)]).toEqual([[0], [0], [0]]);
    // After clear whatever comes counts: what began before does not reach it.
    starts.record(true, -1e9, 501);
    expect(sum(slow(starts))).toBe(1);
  });
});
