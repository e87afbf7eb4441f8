import { describe, expect, it } from 'vitest';
import { admit, call, lastVerdict, type Made, make, makeTrialDue, rejected } from '../helpers/make.ts';

/** A breaker that has just closed by itself after an outage, and ramps. */
function ramping(outageMs: number, options: Parameters<typeof make>[0] = {}): Made {
  const made = make({ trials: 1, rampUp: '5s', ...options });
  made.breaker.trip('test');
  made.clock.advance(outageMs);
  call(made.breaker, 'success');
  expect(made.breaker.state).toBe('closed');
  return made;
}

describe('maxConcurrent', () => {
  it('refuses calls beyond, which are no failures, and lets the next through when one has ended', () => {
    const { breaker } = make({ maxConcurrent: 3 });
    const permits = [admit(breaker), admit(breaker), admit(breaker)];
    expect([breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([null, null]);
    expect(breaker.rejection(0)).toMatchObject({ reason: 'concurrency', retryInMs: 0 });
    permits[0]?.ignore();
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      inFlight: 3,
      counts: { failure: 0, rejected: rejected({ concurrency: 3 }) },
      conditions: [{ value: 0 }],
    });
  });

  it('refuses none while a person has forced it closed', () => {
    const { breaker } = make({ maxConcurrent: 1 });
    breaker.override('forcedClosed');
    expect([breaker.tryAcquire(), breaker.tryAcquire()]).not.toContain(null);
  });

  it('counts calls of before a trip, which are still under way', () => {
    const made = make({ maxConcurrent: 2, trials: 1 });
    const early = admit(made.breaker);
    makeTrialDue(made);
    call(made.breaker, 'success');
    admit(made.breaker);
    expect(made.breaker.tryAcquire()).toBeNull();
    early.failure(1);
    expect(made.breaker.tryAcquire()).not.toBeNull();
  });

  it.each(['enforce', 'observe'] as const)('in mode %s finds the same calls too many', (mode) => {
    const { breaker } = make({ maxConcurrent: 10, mode });
    const underWay: (ReturnType<typeof breaker.tryAcquire> | null)[] = [];
    for (let i = 0; i < 1_000; i++) {
      underWay.push(breaker.tryAcquire());
      if (underWay.length > 12) underWay.shift()?.success(1);
    }
    const { rejected: refused, wouldReject } = breaker.snapshot().counts;
    expect(refused.concurrency + wouldReject.concurrency).toBe(230);
  });
});

describe('the ramp after a recovery', () => {
  it.each([
    [2_000_000, 5_000],
    [5_000, 5_000],
  ])('after an outage of %d ms lasts %d ms', (outageMs, rampMs) => {
    const { breaker, clock } = ramping(outageMs);
    expect(breaker.snapshot().admittedShare).toBeCloseTo(0.1, 9);
    clock.advance(rampMs / 2);
    expect(breaker.snapshot().admittedShare).toBeCloseTo(0.55, 9);
    clock.advance(rampMs / 2 - 1);
    expect(breaker.snapshot().admittedShare).toBeLessThan(1);
    clock.advance(1);
    expect(breaker.snapshot().admittedShare).toBe(1);
  });

  it('lasts no longer than the outage did, from the first trip on', () => {
    const made = make({ trials: 1, rampUp: '60s', openFor: '1s', backoff: { factor: 1 } });
    made.breaker.trip('test');
    for (const outcome of ['failure', 'failure', 'success'] as const) {
      made.clock.advance(1_000);
      call(made.breaker, outcome);
    }
    made.clock.advance(1_500);
    expect(made.breaker.snapshot().admittedShare).toBeCloseTo(0.55, 9);
    made.clock.advance(1_500);
    expect(made.breaker.snapshot().admittedShare).toBe(1);
  });

  it('refuses calls with a reason of its own', () => {
    const { breaker, clock } = ramping(10_000);
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      clock.advance(1);
      if (breaker.tryAcquire() === null) refused++;
    }
    expect(refused).toBeGreaterThan(80);
    expect(breaker.rejection(clock.now()).reason).toBe('ramp');
    expect(breaker.snapshot().counts.rejected).toEqual(rejected({ ramp: refused }));
  });

  it('is none for a bare breaker, nor where a person closed it', () => {
    const bare = make({ trials: 1 });
    makeTrialDue(bare);
    call(bare.breaker, 'success');
    expect(bare.breaker.snapshot().admittedShare).toBe(1);
    for (const how of ['reset', 'forced'] as const) {
      const made = make({ rampUp: '5s' });
      made.breaker.trip('test');
      made.clock.advance(60_000);
      if (how === 'reset') made.breaker.reset();
      else {
        made.breaker.override('forcedClosed');
        made.breaker.override(null);
      }
      expect(made.breaker.snapshot()).toMatchObject({ state: 'closed', admittedShare: 1 });
      expect(call(made.breaker, 'success', 100)).toBe(true);
    }
  });

  it('opens again at the trip level of failureRate, or at half, without minCalls', () => {
    for (const [trip, threshold] of [
      [{ failureRate: { threshold: '30%', minCalls: 1_000 } }, 0.3],
      [{ consecutiveFailures: 1_000 }, 0.5],
    ] as const) {
      const made = ramping(10_000, { trip });
      made.clock.advance(4_900);
      call(made.breaker, 'failure', 3);
      expect(lastVerdict(made.events)).toMatchObject({
        reason: 'rampFailed',
        failures: 3,
        calls: 3,
        threshold,
        evidence: { bad: 3 },
      });
    }
  });

  it('is over for calls that end later, and for calls that a person let through', () => {
    const late = ramping(10_000, { trip: { consecutiveFailures: 1_000 } });
    late.clock.advance(4_900);
    const permits = Array.from({ length: 4 }, () => late.breaker.tryAcquire());
    late.clock.advance(60_000);
    for (const permit of permits) permit?.failure(60_000);
    expect(late.breaker.state).toBe('closed');

    const forced = ramping(10_000, { trip: { consecutiveFailures: 1_000 } });
    forced.breaker.override('forcedClosed');
    expect(forced.breaker.snapshot().admittedShare).toBe(1);
    expect(call(forced.breaker, 'failure', 10)).toBe(true);
    forced.breaker.override(null);
    call(forced.breaker, 'failure');
    expect(forced.breaker.state).toBe('closed');
  });

  it('in observe refuses nothing, and counts what it would have refused', () => {
    const { breaker, clock } = ramping(10_000, { mode: 'observe' });
    for (let i = 0; i < 100; i++) {
      clock.advance(1);
      expect(breaker.tryAcquire()).not.toBeNull();
    }
    expect(breaker.snapshot().counts.wouldReject.ramp).toBeGreaterThan(80);
  });

  it('begins again at a tenth where the breaker trips and recovers while it lasts', () => {
    const { breaker, clock } = ramping(10_000);
    clock.advance(4_000);
    breaker.trip('again');
    clock.advance(breaker.snapshot().retryInMs);
    call(breaker, 'success');
    expect(breaker.snapshot().admittedShare).toBeCloseTo(0.1, 9);
  });
});
