import { describe, expect, it } from 'vitest';
import type { PermitSlot } from '../../src/core/permit.ts';
import { admit, call, lastVerdict, type Made, make, makeTrialDue, newSlot } from './helpers/make.ts';

/** A breaker that knows a dependency with latencies of 5 ms. */
function learned(options: Parameters<typeof make>[0] = { trip: { adaptive: {} } }): Made {
  const made = make(options);
  for (let i = 0; i < 6_000; i++) {
    made.clock.advance(1);
    call(made.breaker, 'success', 1, 5);
  }
  return made;
}

/** A server that stops answering: calls begin every so often, and a tick looks at those under way. Milliseconds until it trips. */
function hang({ breaker, clock }: Made, everyMs: number, tickMs = 10, mostMs = 5_000): number {
  const calls: { slot: PermitSlot; fromMs: number }[] = [];
  const beganMs = clock.now();
  for (let ms = 0; ms < mostMs; ms++) {
    if (ms % everyMs === 0) {
      const slot = newSlot();
      if (breaker.acquire(slot, clock.now(), Infinity)) calls.push({ slot, fromMs: clock.now() });
    }
    clock.advance(1);
    if (ms % tickMs !== 0) continue;
    for (const seen of [...calls]) {
      const ageMs = clock.now() - seen.fromMs;
      if (ageMs > breaker.inFlightLimitMs && breaker.watch(seen.slot, ageMs, clock.now())) calls.splice(calls.indexOf(seen), 1);
    }
    if (breaker.state === 'open') return clock.now() - beganMs;
  }
  return Number.NaN;
}

describe('a server that stops answering', () => {
  it.each([1, 5, 20])('is noticed with no call ended, within the blip and the slow limit, at a call every %d ms', (everyMs) => {
    const made = learned();
    const slowMs = made.breaker.inFlightLimitMs;
    const ms = hang(made, everyMs);
    expect(ms).toBeGreaterThan(slowMs);
    expect(ms).toBeLessThan(100 + slowMs + 10 * everyMs + 50);
    expect(lastVerdict(made.events)).toMatchObject({
      reason: 'adaptive',
      of: 'slowness',
      evidence: { calls: expect.anything() },
    });
  });

  it('is noticed by slowCallRate, too', () => {
    const made = make({ trip: { slowCallRate: { slowerThan: '25ms', minCalls: 10 } } });
    expect(made.breaker.inFlightLimitMs).toBe(25);
    expect(hang(made, 5)).toBeLessThan(100);
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'slowCallRate', slow: 10, calls: 10 });
  });

  it('for no longer than a blip, does not trip', () => {
    const made = learned();
    for (let i = 0; i < 200; i++) {
      expect(hang(made, 5, 10, 80)).toBeNaN();
      for (let ms = 0; ms < 500; ms++) {
        made.clock.advance(1);
        call(made.breaker, 'success', 1, 5);
      }
    }
    expect(made.breaker.state).toBe('closed');
  });
});

describe('watch()', () => {
  it('is over for a call that has ended, or is of before, or is a trial, or was never let through', () => {
    const made = learned();
    const [early, ended] = [admit(made.breaker), admit(made.breaker)];
    ended.success(5);
    expect(made.breaker.watch(ended, 1e6, made.clock.now())).toBe(true);
    expect(made.breaker.watch(newSlot(), 1e6, made.clock.now())).toBe(true);
    makeTrialDue(made);
    const trial = admit(made.breaker);
    expect(made.breaker.state).toBe('halfOpen');
    for (const permit of [early, trial]) {
      expect(made.breaker.watch(permit, 1e6, made.clock.now())).toBe(true);
      expect(permit.permitSlow).toBe(0);
    }
    expect(made.breaker.state).toBe('halfOpen');
  });

  it('is not over for a call that is slow until it is overdue as well', () => {
    const { breaker, clock } = learned();
    const slot = admit(breaker);
    const limitMs = breaker.inFlightLimitMs;
    const seen = [limitMs + 1, limitMs + 50, limitMs + 100.5].map((ageMs) => breaker.watch(slot, ageMs, clock.now()));
    expect(seen).toEqual([false, false, true]);
    expect(breaker.snapshot().conditions[0]).toMatchObject({ calls: 1 });
  });

  it('forgets with the evidence: a permit used again begins anew', () => {
    const { breaker, clock } = learned();
    const slot = newSlot();
    breaker.acquire(slot, clock.now(), Infinity);
    breaker.watch(slot, 1e6, clock.now());
    expect(slot.permitSlow).not.toBe(0);
    breaker.settle(slot, 'ignored', 1e6, clock.now());
    breaker.acquire(slot, clock.now(), Infinity);
    expect(slot.permitSlow).toBe(0);
  });

  it('trips nothing that a person has forced closed, nor in mode off', () => {
    const forced = learned();
    forced.breaker.override('forcedClosed');
    expect(hang(forced, 5, 10, 500)).toBeNaN();
    const off = make({ trip: { slowCallRate: { slowerThan: '25ms', minCalls: 1 } }, mode: 'off' });
    expect(hang(off, 5, 10, 500)).toBeNaN();
  });
});

it('looks at no durations, and is never slow, where no condition does', () => {
  const { breaker } = make();
  expect([breaker.inFlightLimitMs, breaker.usualLatencyMs]).toEqual([Infinity, undefined]);
});
