import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shedder } from '../../../src/core/admission/shedder.ts';
import { call, make, rejected } from '../helpers/make.ts';
import { seeded } from '../helpers/random.ts';

const WINDOW = { durationMs: 30_000, slices: 10 };
const SLICE_MS = 3_000;

it('refuses with the probability of the formula, over the results in the window', () => {
  const result = fc.record({ isAccepted: fc.boolean(), afterMs: fc.constantFrom(0, 1, 500, 4_000, 29_000) });
  fc.assert(
    fc.property(fc.constantFrom(1, 1.1, 2, 5), fc.array(result, { maxLength: 200 }), (k, results) => {
      const shedder = new Shedder({ k, window: WINDOW }, () => 1);
      const all: { atMs: number; isAccepted: boolean }[] = [];
      let nowMs = 0;
      for (const { isAccepted, afterMs } of results) {
        nowMs += afterMs;
        shedder.ended(isAccepted, nowMs);
        all.push({ atMs: nowMs, isAccepted });
      }
      const slice = (ms: number) => Math.floor(ms / SLICE_MS);
      const inWindow = all.filter(({ atMs }) => slice(nowMs) - slice(atMs) < 10);
      const accepts = inWindow.filter(({ isAccepted }) => isAccepted).length;
      const expected = Math.max(0, (inWindow.length - k * accepts) / (inWindow.length + 1));
      expect(shedder.share(nowMs)).toBeCloseTo(expected, 12);
    }),
  );
});

describe('a breaker that sheds', () => {
  /** The share that is refused of calls at 100 a second to a dependency that accepts so many of those that it gets. */
  function refused(accepting: number, seconds = 120): number {
    const random = seeded(8);
    const { breaker, clock } = make({ shed: {} }, random);
    let calls = 0;
    let refusals = 0;
    for (let i = 0; i < seconds * 100; i++) {
      clock.advance(10);
      const permit = breaker.tryAcquire();
      if (i < 6_000) {
        if (permit !== null) permit[random() < accepting ? 'success' : 'failure'](5);
        continue;
      }
      calls++;
      if (permit === null) refusals++;
      else if (random() < accepting) permit.success(5);
      else permit.failure(5);
    }
    return refusals / calls;
  }

  it.each([1, 0.9, 0.6])('refuses nothing while %d of the calls are accepted', (accepting) => {
    expect(refused(accepting)).toBe(0);
  });

  it('refuses most of what would fail, never all, and never opens', () => {
    const share = refused(0);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1);
  });

  it('refuses no call of a healthy dependency for those under way, and none for those that were ignored', () => {
    const { breaker } = make({ shed: {} }, () => 0);
    const underWay = Array.from({ length: 500 }, () => breaker.tryAcquire());
    expect(underWay).not.toContain(null);
    for (const permit of underWay) permit?.ignore();
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('says how much passes, and why a call was refused', () => {
    let draw = 1;
    const { breaker, clock } = make({ shed: { k: 1 } }, () => draw);
    clock.advance(1_000);
    call(breaker, 'failure', 9);
    draw = 0;
    expect(breaker.snapshot().admittedShare).toBeCloseTo(0.1, 9);
    let refusedOnes = 0;
    for (let i = 0; i < 20; i++) if (breaker.tryAcquire() === null) refusedOnes++;
    expect(refusedOnes).toBeGreaterThan(0);
    expect(breaker.rejection(clock.now())).toMatchObject({ reason: 'shed', retryInMs: 0 });
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', counts: { rejected: rejected({ shed: refusedOnes }) } });
  });

  it('recovers when the dependency does', () => {
    const random = seeded(3);
    const { breaker, clock } = make({ shed: {} }, random);
    for (let i = 0; i < 6_000; i++) {
      clock.advance(10);
      breaker.tryAcquire()?.failure(5);
    }
    let lastRefusalMs = clock.now();
    const wellFromMs = clock.now();
    for (let i = 0; i < 12_000; i++) {
      clock.advance(10);
      const permit = breaker.tryAcquire();
      if (permit === null) lastRefusalMs = clock.now();
      else permit.success(5);
    }
    expect(lastRefusalMs - wellFromMs).toBeLessThan(60_000);
  });

  it('forgets by a reset', () => {
    const { breaker } = make({ shed: { k: 1 } }, () => 0);
    call(breaker, 'failure', 50);
    breaker.reset();
    expect(breaker.snapshot().admittedShare).toBe(1);
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('counts in observe what it would have refused, and refuses nothing', () => {
    const { breaker, clock } = make({ shed: { k: 1 }, mode: 'observe' }, () => 0);
    clock.advance(10);
    expect(call(breaker, 'failure', 100)).toBe(true);
    const { counts } = breaker.snapshot();
    expect(counts.wouldReject.shed).toBeGreaterThan(50);
    expect(counts.rejected).toEqual(rejected());
  });
});
