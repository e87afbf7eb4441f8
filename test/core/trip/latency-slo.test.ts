import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatencySloConfig, WindowConfig } from '../../../src/core/options.ts';
import { LatencySlo } from '../../../src/core/trip/latency-slo.ts';
import { inWindow } from '../helpers/reference-trip.ts';
import { LIMIT_MS, Traffic } from '../helpers/slo-traffic.ts';

const CONFIG: LatencySloConfig = {
  percentile: 0.99,
  limitMs: LIMIT_MS,
  window: { calls: 1_000 },
  minCalls: 20,
  confidence: 0.999,
};
const TEN_SECONDS: WindowConfig = { durationMs: 10_000, slices: 10 };
const make = (config: Partial<LatencySloConfig> = {}): LatencySlo => new LatencySlo({ ...CONFIG, ...config });

describe('counts', () => {
  it('exactly the calls over the limit', () => {
    const condition = make();
    for (const ms of [24.999, 25, 25.001, 0, 1e9]) condition.record(false, ms, ms, false);
    expect(condition.verdict()).toMatchObject({ slow: 2, calls: 5 });
  });

  it('no failure that came fast, one that came late, and nothing whose duration is not known', () => {
    const condition = make();
    for (const ms of [1, 25, 26, -1, Number.NaN]) condition.record(true, ms, 100, false);
    condition.record(false, -1, 100, false);
    expect(condition.verdict()).toMatchObject({ slow: 1, calls: 1 });
  });

  it('a call under way once, and reports how long it took in the end', () => {
    const condition = make({ window: TEN_SECONDS });
    condition.recordSlow(130);
    expect(condition.snapshot(130)).toMatchObject({ calls: 1, latency: { p99Ms: expect.closeTo(25, -0.2) } });
    expect(condition.record(true, 500, 605, true)).toBe(false);
    expect(condition.verdict()).toMatchObject({ slow: 1, calls: 1 });
    expect(condition.verdict().latencyMs).toBeGreaterThan(485);
  });

  const resultArb = fc.record({
    gapMs: fc.constantFrom(0, 1, 7, 120, 900, 5_000),
    failed: fc.boolean(),
    durationMs: fc.oneof(fc.constantFrom(-1, LIMIT_MS, LIMIT_MS + 1e-9), fc.double({ min: 0.01, max: 4e6, noNaN: true })),
    passes: fc.boolean(),
  });
  it.each<WindowConfig>([{ calls: 1 }, { calls: 50 }, TEN_SECONDS, { durationMs: 900, slices: 3 }])(
    'what sorting the latencies in the window counts (%j)',
    (window) => {
      fc.assert(
        fc.property(fc.array(resultArb, { maxLength: 150, size: 'max' }), (steps) => {
          const condition = make({ window });
          const judged: { atMs: number; durationMs: number }[] = [];
          let now = 0;
          for (const { gapMs, failed, durationMs, passes } of steps) {
            now += gapMs;
            const wasSlow = passes && durationMs > LIMIT_MS;
            if (wasSlow) condition.recordSlow(now);
            condition.record(failed, durationMs, now, wasSlow);
            if (durationMs >= 0 && (!failed || durationMs > LIMIT_MS)) judged.push({ atMs: now, durationMs });
            const sorted = inWindow(window, judged, now)
              .map((result) => result.durationMs)
              .sort((a, b) => a - b);
            const { value, calls } = condition.snapshot(now);
            expect(calls).toBe(sorted.length);
            expect(condition.verdict().slow).toBe(sorted.length - sorted.filter((ms) => ms <= LIMIT_MS).length);
            const isOver = (sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0) > LIMIT_MS;
            if (sorted.length > 0 && value !== LIMIT_MS) expect(value > LIMIT_MS).toBe(isOver);
          }
        }),
      );
    },
  );
});

describe('is met', () => {
  it('when the percentile is over the limit and chance does not explain it, and says so with its numbers', () => {
    const condition = make();
    const traffic = new Traffic(1, 5);
    expect(traffic.send(condition, 2_000, 0.002)).toBe(0);
    expect(traffic.send(condition, 100, 1)).toBeGreaterThan(0);
    const { slow, calls, latencyMs, ...rest } = condition.verdict();
    expect(rest).toEqual({ reason: 'latencySlo', percentile: 0.99, limitMs: 25, confidence: 0.999, window: { calls: 1_000 } });
    expect(calls).toBe(1_000);
    expect(slow).toBeGreaterThan(10);
    expect(slow).toBeLessThan(20);
    expect(latencyMs).toBeGreaterThanOrEqual(25);
  });

  it('not before minCalls', () => {
    const traffic = new Traffic(1, 5);
    expect(traffic.send(make({ minCalls: 150, window: { calls: 150 } }), 1_000, 1)).toBe(150);
    expect(traffic.send(make({ minCalls: 5 }), 1_000, 1)).toBeLessThan(10);
  });

  it('never by the share alone, nor by evidence alone', () => {
    // 11 slow of 1000 are over 1 %: by chance every few hundred calls.
    const condition = make();
    const met: boolean[] = [];
    for (let i = 0; i < 1_000; i++) met.push(condition.record(false, i % 90 === 0 ? 30 : 10, i * 50, false));
    expect(condition.verdict().slow).toBe(12);
    expect(met).not.toContain(true);
    // 8 slow in a row are no chance, and yet the percentile of all is all right.
    for (let i = 0; i < 1_000; i++) condition.record(false, 10, 60_000 + i * 50, false);
    for (let i = 0; i < 10; i++) expect(condition.record(false, 30, 120_000 + i * 50, false)).toBe(false);
    expect(condition.record(false, 30, 121_000, false)).toBe(true);
  });

  it('by calls under way alone', () => {
    const condition = make();
    let calls = 1;
    while (calls < 100 && !condition.recordSlow(calls * 10)) calls++;
    expect(calls).toBe(20);
  });

  it.each([
    [0.05, 1_500],
    [0.1, 500],
    [0.3, 120],
    [1, 25],
  ])('after 200,000 healthy calls, when a share of %d is slow, within %d calls', (share, within) => {
    for (const window of [CONFIG.window, { calls: 20 }, TEN_SECONDS]) {
      const condition = make({ window });
      const traffic = new Traffic(5, 5);
      expect(traffic.send(condition, 200_000, 0.002)).toBe(0);
      expect(traffic.send(condition, within, share)).toBeGreaterThan(0);
    }
  });
});

describe('is not met when the percentile is just the limit', () => {
  it.each<WindowConfig>([CONFIG.window, { calls: 20 }, TEN_SECONDS])('in 400,000 calls (%j)', (window) => {
    expect(new Traffic(11, 5).send(make({ window }), 400_000, 0.01)).toBe(0);
  });

  it.each<[WindowConfig, boolean]>([
    [CONFIG.window, true],
    [CONFIG.window, false],
    [TEN_SECONDS, true],
    [TEN_SECONDS, false],
  ])('in 500 lots of 1000 calls at once, whose slow ones end last (%j, watched: %s)', (window, isWatched) => {
    expect(new Traffic(12, 1_000).sendLots(make({ window }), 500, 1_000, 0.01, isWatched)).toBe(0);
  });

  it('where only the late ones of many come after a long silence', () => {
    const condition = make({ window: { durationMs: 1_000, slices: 10 }, minCalls: 1 });
    for (let i = 0; i < 990; i++) condition.record(false, 10, 10, false);
    // They began with the others, of which nobody remembers anything.
    for (let i = 0; i < 10; i++) expect(condition.record(false, 60_000, 60_000, false)).toBe(false);
  });
});

describe('how it stands', () => {
  it('empty', () => {
    const condition = make();
    expect(condition.slowerThanMs).toBe(25);
    expect(condition.isSpotless(0)).toBe(true);
    const empty = { condition: 'latencySlo', value: 0, threshold: 25, calls: 0, slowerThanMs: 25, latency: undefined };
    expect(condition.snapshot(0)).toEqual(empty);
    condition.record(false, 100, 100, false);
    condition.clear();
    expect(condition.snapshot(100)).toEqual(empty);
  });

  it('shows percentiles, and forgets with time', () => {
    const condition = make({ percentile: 0.9, window: TEN_SECONDS });
    for (let i = 1; i <= 100; i++) condition.record(false, i, 500, false);
    const { value, latency } = condition.snapshot(500);
    expect(
      [value / 90, (latency?.p50Ms ?? 0) / 50, (latency?.p99Ms ?? 0) / 99].every((ratio) => Math.abs(ratio - 1) < 0.03),
    ).toBe(true);
    expect(condition.isSpotless(500)).toBe(false);
    expect(condition.isSpotless(10_499)).toBe(true);
  });

  it('after clear, a new life begins: what it takes to trip is what it took at first', () => {
    const toTrip = (condition: LatencySlo, traffic: Traffic) => traffic.send(condition, 1_000, 1);
    const condition = make({ minCalls: 1, window: { calls: 10 } });
    const traffic = new Traffic(3, 5);
    const first = toTrip(condition, traffic);
    condition.clear();
    traffic.send(condition, 200_000, 0.001);
    const later = toTrip(condition, traffic);
    condition.clear();
    expect(toTrip(condition, traffic)).toBe(first);
    expect(later).toBeGreaterThan(first);
  });

  it('in memory that does not grow', () => {
    const condition = make({ window: TEN_SECONDS });
    const { byteLength } = condition;
    new Traffic(3, 1).send(condition, 100_000, 0.005);
    expect(condition.byteLength).toBe(byteLength);
    expect(byteLength).toBe(22_096);
  });
});
