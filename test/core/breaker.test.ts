import { describe, expect, it } from 'vitest';
import { admit, call, make, newSlot, rejected, story } from './helpers/make.ts';

describe('a new breaker', () => {
  it('is closed, and has nothing to say', () => {
    const { breaker } = make({ name: 'prices' });
    expect([breaker.name, breaker.state, breaker.mode, breaker.verdict, breaker.isIdle]).toEqual([
      'prices',
      'closed',
      'enforce',
      undefined,
      true,
    ]);
    expect(breaker.snapshot()).toEqual({
      name: 'prices',
      state: 'closed',
      mode: 'enforce',
      override: null,
      overrideReason: undefined,
      overrideEndsInMs: 0,
      chosenMode: null,
      inStateMs: 0,
      verdict: undefined,
      trialDue: false,
      retryInMs: 0,
      admittedShare: 1,
      inFlight: 0,
      counts: { success: 0, failure: 0, ignored: 0, rejected: rejected(), wouldReject: rejected() },
      conditions: [{ condition: 'consecutiveFailures', value: 0, threshold: 5, calls: 0 }],
    });
  });
});

describe('a permit', () => {
  it.each(['success', 'failure', 'ignore'] as const)('settles once, with %s; again is nothing', (how) => {
    const { breaker } = make({ trip: { consecutiveFailures: 2 } });
    const permit = admit(breaker);
    permit[how](1);
    const before = breaker.snapshot();
    for (const again of ['success', 'failure', 'ignore'] as const) permit[again](1);
    permit.failure(1);
    expect(breaker.snapshot()).toEqual(before);
    expect(before).toMatchObject({ inFlight: 0, state: 'closed' });
    const { success, failure, ignored } = before.counts;
    expect(success + failure + ignored).toBe(1);
  });

  it('settled twice in half-open does not count as two trials', () => {
    const { breaker, clock } = make({ trials: 2 });
    breaker.trip('test');
    clock.advance(5_000);
    const permit = admit(breaker);
    permit.success(1);
    permit.success(1);
    expect(breaker.state).toBe('halfOpen');
  });

  it('given back twice does not free two places', () => {
    const { breaker, clock } = make({ trials: 1 });
    breaker.trip('test');
    clock.advance(5_000);
    const permit = admit(breaker);
    permit.ignore();
    admit(breaker);
    permit.ignore();
    expect(breaker.tryAcquire()).toBeNull();
  });

  it('ignored is counted, and no evidence: failures around it are in a row', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 3 } });
    call(breaker, 'failure', 2);
    call(breaker, 'ignored', 50);
    expect(breaker.snapshot()).toMatchObject({ counts: { ignored: 50 }, conditions: [{ value: 2 }] });
    call(breaker, 'failure');
    expect(breaker.state).toBe('open');
  });
});

describe('a slot', () => {
  it('holds a permit as tryAcquire gives one, and may be used again', () => {
    const { breaker, clock } = make({ trip: { consecutiveFailures: 3 } });
    const home = newSlot();
    for (let i = 0; i < 3; i++) {
      expect(breaker.acquire(home, clock.now(), Infinity)).toBe(true);
      breaker.settle(home, 'failure', 1, clock.now());
    }
    expect(breaker.state).toBe('open');
    expect(breaker.acquire(home, clock.now(), Infinity)).toBe(false);
    breaker.settle(home, 'success', 1, clock.now());
    expect(breaker.snapshot()).toMatchObject({ inFlight: 0, counts: { success: 0, failure: 3, rejected: { open: 1 } } });
  });

  it('without a permit settles nothing', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 1 } });
    breaker.settle(newSlot(), 'failure', 1);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0, counts: { failure: 0 } });
  });

  it('refused holds nothing, whatever was in it before', () => {
    const { breaker } = make();
    breaker.trip('test');
    const home = { permitGeneration: 0, permitTrial: 0, permitSlow: 3 };
    expect(breaker.acquire(home, 0, Infinity)).toBe(false);
    expect(home).toEqual(newSlot());
    breaker.settle(home, 'success', 1, 0);
    expect(breaker.snapshot()).toMatchObject({ inFlight: 0, counts: { success: 0 } });
  });

  it('refused does not keep the permit of its last call', () => {
    const { breaker, clock } = make({ trip: { consecutiveFailures: 1 }, trials: 1 });
    const home = newSlot();
    breaker.acquire(home, 0, Infinity);
    breaker.settle(home, 'failure', 1, 0);
    clock.advance(5_000);
    const trial = admit(breaker);
    expect(breaker.acquire(home, 5_000, Infinity)).toBe(false);
    breaker.settle(home, 'success', 1, 5_000);
    expect(breaker.state).toBe('halfOpen');
    trial.success(1);
    expect(breaker.state).toBe('closed');
  });

  it('settles at the time that it is given, or at the time of the clock', () => {
    const options = { trip: { failureRate: { threshold: '100%', window: '10s', minCalls: 2 } } } as const;
    const { breaker, clock } = make(options);
    const [first, second] = [newSlot(), newSlot()];
    for (const home of [first, second]) breaker.acquire(home, 0, Infinity);
    breaker.settle(first, 'failure', 1);
    clock.advance(10_000);
    breaker.settle(second, 'failure', 1);
    expect(breaker.state).toBe('closed');
    breaker.acquire(first, 10_000, Infinity);
    breaker.settle(first, 'failure', 1, 19_999);
    expect(breaker.state).toBe('open');
  });
});

describe('a late result', () => {
  it.each(['open', 'closed again'])('is counted, and in no window of a breaker that is %s', (now) => {
    const { breaker } = make({ trip: { failureRate: { window: { calls: 4 }, minCalls: 4 } } });
    const early = Array.from({ length: 8 }, () => admit(breaker));
    breaker.trip('test');
    if (now === 'closed again') breaker.override('forcedClosed');
    for (const permit of early) permit.failure(1);
    expect(breaker.snapshot()).toMatchObject({ counts: { failure: 8 }, inFlight: 0, conditions: [{ value: 0, calls: 0 }] });
  });
});

describe('reset()', () => {
  it('closes, forgets the evidence and the override, and keeps the counts', () => {
    const { breaker, events } = make({ trip: { consecutiveFailures: 3 } });
    call(breaker, 'failure', 3);
    breaker.override('forcedOpen');
    breaker.reset();
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      override: null,
      verdict: { reason: 'reset' },
      counts: { failure: 3 },
      conditions: [{ value: 0 }],
    });
    expect(story(events).slice(2)).toEqual(['override none: reset', 'open -> closed: reset']);
  });

  it('of a closed breaker is no event, forgets, and makes calls under way late', () => {
    const { breaker, events } = make({ trip: { consecutiveFailures: 3 } });
    call(breaker, 'failure', 2);
    const early = [admit(breaker), admit(breaker), admit(breaker)];
    breaker.reset();
    call(breaker, 'failure', 2);
    for (const permit of early) permit.failure(1);
    expect(breaker.state).toBe('closed');
    expect(events).toEqual([]);
    call(breaker, 'failure');
    expect(breaker.state).toBe('open');
  });
});

it('is idle when closed, with no call under way and no override', () => {
  const { breaker } = make();
  const permit = admit(breaker);
  expect(breaker.isIdle).toBe(false);
  permit.ignore();
  expect(breaker.isIdle).toBe(true);
  breaker.override('forcedClosed');
  expect(breaker.isIdle).toBe(false);
  breaker.override(null);
  breaker.trip('test');
  expect(breaker.isIdle).toBe(false);
});

it('counts calls under way, late ones too', () => {
  const { breaker } = make();
  const permits = [admit(breaker), admit(breaker), admit(breaker)];
  breaker.trip('test');
  expect(breaker.snapshot().inFlight).toBe(3);
  permits[0]?.success(1);
  permits[1]?.ignore();
  expect(breaker.snapshot().inFlight).toBe(1);
});

it('knows how long it has been in its state', () => {
  const { breaker, clock } = make();
  clock.advance(1_234);
  expect(breaker.snapshot().inStateMs).toBe(1_234);
  breaker.trip('test');
  clock.advance(10);
  expect(breaker.snapshot().inStateMs).toBe(10);
});

it('is tripped by evidence of its own state only', () => {
  const { breaker, clock } = make({ trip: { consecutiveFailures: 3 }, trials: 1 });
  call(breaker, 'failure', 2);
  breaker.trip('test');
  clock.advance(5_000);
  call(breaker, 'success');
  call(breaker, 'failure', 2);
  expect(breaker.state).toBe('closed');
});
