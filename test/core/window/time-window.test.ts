import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWindow } from '../../../src/core/window/create-window.ts';
import { TimeWindow } from '../../../src/core/window/time-window.ts';
import { inWindow } from '../helpers/reference-trip.ts';

const DAY_MS = 86_400_000;

/** A window of 1 s in 10 slices, with a result at each of these times. */
function windowWith(...timesMs: number[]): TimeWindow {
  const window = new TimeWindow(1_000, 10);
  for (const ms of timesMs) window.record(true, ms);
  return window;
}

function hitsAt(window: TimeWindow, nowMs: number): number {
  window.advance(nowMs);
  expect(window.total).toBe(window.hits);
  return window.hits;
}

describe('counts what a plain list of results with their times counts', () => {
  const stepArb = fc.oneof(
    { weight: 20, arbitrary: fc.record({ do: fc.constant('record' as const), hit: fc.boolean() }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('advance' as const),
        slices: fc.constantFrom(0, 0.01, 0.1, 0.5, 1, 1.5, 3, 9, 10, 11),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('toBorder' as const), off: fc.constantFrom(0, -0.25, 0.25) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('idle' as const), ms: fc.constantFrom(3_600_000, DAY_MS, 400 * DAY_MS) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  );
  const shapeArb = fc.record({
    durationMs: fc.constantFrom(1, 7, 100, 1_000, 10_000, DAY_MS),
    slices: fc.constantFrom(1, 2, 3, 7, 10, 64, 1_000),
    startMs: fc.constantFrom(0, 1, 999.75, 1e6, 1.7e12, -50, -1e9),
  });

  it.each(['judged at every step', 'judged at the end only'])('%s', (when) => {
    fc.assert(
      fc.property(shapeArb, fc.array(stepArb, { maxLength: 150, size: 'max' }), ({ durationMs, slices, startMs }, steps) => {
        const window = new TimeWindow(durationMs, slices);
        const sliceMs = durationMs / slices;
        let results: { atMs: number; hit: boolean }[] = [];
        let now: number = startMs;
        const compare = () => {
          window.advance(now);
          const held = inWindow({ durationMs, slices }, results, now);
          expect([window.total, window.hits]).toEqual([held.length, held.filter(({ hit }) => hit).length]);
        };
        for (const step of steps) {
          if (step.do === 'record') {
            window.record(step.hit, now);
            results.push({ atMs: now, hit: step.hit });
          } else if (step.do === 'clear') {
            window.clear();
            results = [];
          } else if (step.do === 'advance') now += step.slices * sliceMs;
          else if (step.do === 'idle') now += step.ms;
          else now = Math.max(now, (Math.floor(now / sliceMs) + 1 + step.off) * sliceMs);
          if (when === 'judged at every step') compare();
        }
        compare();
      }),
      { numRuns: 500 },
    );
  });
});

describe('a slice', () => {
  it('stays while the nine after it are filled, and leaves whole when its time has passed', () => {
    const window = windowWith(0, 50, 99);
    expect(hitsAt(window, 999)).toBe(3);
    expect(hitsAt(window, 1_000)).toBe(0);
  });

  it('holds a result for at most the duration, and for at least nine tenths of it', () => {
    for (const atMs of [0, 1, 50, 99, 100, 101, 12_345]) {
      expect(hitsAt(windowWith(atMs), atMs + 900)).toBe(1);
      expect(hitsAt(windowWith(atMs), atMs + 1_000)).toBe(0);
    }
  });

  it('begins at its border', () => {
    const window = windowWith(99.999, 100);
    expect(hitsAt(window, 1_099.999)).toBe(1);
    expect(hitsAt(window, 1_100)).toBe(0);
  });

  it('leaves one by one', () => {
    const window = windowWith(0, 100, 200, 300, 400, 500, 600, 700, 800, 900);
    expect([999, 1_000, 1_100, 1_250, 1_399, 1_850].map((ms) => hitsAt(window, ms))).toEqual([10, 9, 8, 7, 6, 1]);
  });

  it.each([1_000, 3_600_000, DAY_MS, 365 * DAY_MS])('is gone after %d ms of idleness', (ms) => {
    expect(hitsAt(windowWith(0, 450, 990), 990 + ms)).toBe(0);
  });

  it.each([1_000, DAY_MS])('counts a result after %d ms of idleness alone', (ms) => {
    const window = windowWith(0, 450, 990);
    window.record(true, 990 + ms);
    expect([window.total, window.hits]).toEqual([1, 1]);
  });

  it('is not counted twice when its place is used again', () => {
    const window = windowWith(0, 0, 0);
    for (let ms = 0; ms < 20_000; ms += 50) window.record(ms % 100 === 0, ms);
    expect([window.total, window.hits]).toEqual([20, 10]);
  });
});

it('may be a single slice, which then leaves at its border', () => {
  const window = new TimeWindow(1_000, 1);
  window.record(true, 999);
  expect(hitsAt(window, 999.5)).toBe(1);
  expect(hitsAt(window, 1_000)).toBe(0);
});

it('keeps filling the newest slice when a clock goes back', () => {
  const window = windowWith(5_000);
  window.record(true, 100);
  expect(hitsAt(window, 5_000)).toBe(2);
  expect(hitsAt(window, 5_999)).toBe(2);
  expect(hitsAt(window, 6_000)).toBe(0);
});

it('is what { durationMs, slices } asks for', () => {
  expect(createWindow({ durationMs: 1_000, slices: 10 })).toBeInstanceOf(TimeWindow);
});
