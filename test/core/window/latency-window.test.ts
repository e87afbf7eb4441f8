import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowConfig } from '../../../src/core/options.ts';
import { createLatencyWindow } from '../../../src/core/window/create-latency-window.ts';
import { percentileMs } from '../../../src/core/window/latency-window.ts';
import { inWindow } from '../helpers/reference-trip.ts';

const LIMIT_MS = 25;

const windowArb: fc.Arbitrary<WindowConfig> = fc.oneof(
  fc.record({ calls: fc.constantFrom(1, 2, 7, 20, 64) }),
  fc.record({ durationMs: fc.constantFrom(1, 100, 1_000, 10_000), slices: fc.constantFrom(1, 2, 3, 10, 64) }),
);
const durationArb = fc.oneof(
  fc.constantFrom(LIMIT_MS, LIMIT_MS - 1e-9, LIMIT_MS + 1e-9, LIMIT_MS * 1.02, LIMIT_MS * 0.98),
  fc.double({ min: 0.01, max: 100, noNaN: true }),
  fc.double({ min: Math.log(0.01), max: Math.log(3_600_000), noNaN: true }).map((log) => Math.exp(log)),
);
const gapArb = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 0.3, 1, 5) },
  { weight: 3, arbitrary: fc.constantFrom(33.3, 100, 900) },
  { weight: 1, arbitrary: fc.constantFrom(10_000, 1e8) },
);

/** The nearest-rank percentile of a sorted list. */
function exact(sorted: readonly number[], percentile: number): number {
  return sorted[Math.max(1, Math.ceil(percentile * sorted.length - 1e-9)) - 1] as number;
}

describe('counts and ranks what sorting the latencies in the window does', () => {
  it.each(['looked at after every call', 'looked at in the end'])('%s', (when) => {
    const stepArb = fc.record({ gapMs: gapArb, durationMs: durationArb });
    fc.assert(
      fc.property(windowArb, fc.array(stepArb, { maxLength: 200, size: 'max' }), (config, steps) => {
        const window = createLatencyWindow(config, LIMIT_MS);
        const results: { atMs: number; durationMs: number }[] = [];
        let now = 12.5;
        const compare = () => {
          window.advance(now);
          const sorted = inWindow(config, results, now)
            .map(({ durationMs }) => durationMs)
            .sort((a, b) => a - b);
          expect([window.total, window.hits]).toEqual([sorted.length, sorted.filter((ms) => ms > LIMIT_MS).length]);
          for (const percentile of sorted.length === 0 ? [] : [0.001, 0.5, 0.9, 0.99, 1]) {
            const found = percentileMs(window, percentile, LIMIT_MS);
            const truth = exact(sorted, percentile);
            expect(Math.abs(found / truth - 1)).toBeLessThan(0.03);
            // Both on the same side of the limit.
            if (truth > LIMIT_MS) expect(found).toBeGreaterThanOrEqual(LIMIT_MS);
            else expect(found).toBeLessThanOrEqual(LIMIT_MS);
          }
        };
        for (const { gapMs, durationMs } of steps) {
          now += gapMs;
          expect(window.record(durationMs, now)).toBe(durationMs > LIMIT_MS);
          results.push({ atMs: now, durationMs });
          if (when === 'looked at after every call') compare();
        }
        compare();
      }),
    );
  });

  it('an empty window has no percentile', () => {
    expect(percentileMs(createLatencyWindow({ calls: 5 }, LIMIT_MS), 0.99, LIMIT_MS)).toBe(0);
  });
});

describe('a call under way', () => {
  it.each<[string, WindowConfig]>([
    ['calls', { calls: 40 }],
    ['time', { durationMs: 4_000, slices: 10 }],
  ])('counts when it passes the limit, and its latency is put right when it ends (window of %s)', (_kind, config) => {
    const window = createLatencyWindow(config, LIMIT_MS);
    for (let i = 0; i < 9; i++) window.record(10, i);
    window.recordUnderWay(100);
    window.recordUnderWay(450);
    expect([window.total, window.hits]).toEqual([11, 2]);
    expect(percentileMs(window, 1, LIMIT_MS) / LIMIT_MS).toBeLessThan(1.03);
    window.putRight(2_000, 2_080);
    window.putRight(3_000, 3_430);
    expect([window.total, window.hits]).toEqual([11, 2]);
    expect(Math.abs(percentileMs(window, 1, LIMIT_MS) / 3_000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(percentileMs(window, 10 / 11, LIMIT_MS) / 2_000 - 1)).toBeLessThan(0.03);
    // No third one is under way.
    window.putRight(9_000, 3_440);
    expect(percentileMs(window, 1, LIMIT_MS)).toBeLessThan(3_100);
  });

  it('leaves what the window has forgotten alone', () => {
    const calls = createLatencyWindow({ calls: 2 }, LIMIT_MS);
    calls.recordUnderWay(0);
    for (let i = 0; i < 2; i++) calls.record(1, 1);
    calls.putRight(500, 500);
    const time = createLatencyWindow({ durationMs: 100, slices: 2 }, LIMIT_MS);
    time.recordUnderWay(30);
    time.record(1, 400);
    time.putRight(500, 505);
    for (const window of [calls, time]) {
      expect(window.hits).toBe(0);
      expect(percentileMs(window, 1, LIMIT_MS)).toBeLessThan(1.1);
    }
  });

  it('never gets more, or negative, entries, whatever comes', () => {
    const stepArb = fc.record({
      gapMs: gapArb,
      do: fc.constantFrom('record', 'underWay', 'putRight', 'clear'),
      durationMs: fc.oneof(durationArb, fc.constantFrom(-1, Number.NaN)),
    });
    fc.assert(
      fc.property(windowArb, fc.array(stepArb, { maxLength: 200, size: 'max' }), (config, steps) => {
        const window = createLatencyWindow(config, LIMIT_MS);
        let now = 0;
        for (const step of steps) {
          now += step.gapMs;
          if (step.do === 'record') window.record(Math.max(0, step.durationMs), now);
          else if (step.do === 'underWay') window.recordUnderWay(now);
          else if (step.do === 'putRight') window.putRight(step.durationMs, now);
          else window.clear();
          // An entry taken away twice would wrap around to four billion.
          expect(window.counts.reduce((sum, count) => sum + count, 0)).toBe(window.total);
          expect(window.hits).toBeLessThanOrEqual(window.total);
        }
        now += 1e9;
        window.advance(now);
        if (!('calls' in config)) expect([window.total, window.hits]).toEqual([0, 0]);
      }),
    );
  });
});

it.each<[WindowConfig, number]>([
  [{ calls: 20 }, 1_968],
  [{ calls: 1_000 }, 3_928],
  [{ durationMs: 10_000, slices: 10 }, 21_328],
])('memory is the same after 100,000 latencies (%j: %d bytes)', (config, bytes) => {
  const window = createLatencyWindow(config, LIMIT_MS);
  expect(window.byteLength).toBe(bytes);
  for (let i = 0; i < 100_000; i++) {
    if (i % 50 === 0) window.recordUnderWay(i);
    window.record((i * 7919) % 400, i);
    if (i % 70 === 0) window.putRight(60, i);
  }
  expect(window.byteLength).toBe(bytes);
  expect(Object.keys(window)).toEqual(['counts', 'total', 'hits']);
});
