import { describe, expect, it } from 'vitest';
import { admit, call, lastVerdict, make, rejected, story } from './helpers/make.ts';

const TRIP_AT_TWO = { trip: { consecutiveFailures: 2 }, trials: 1 } as const;

describe('observe', () => {
  it('refuses nothing, and counts what it would have refused', () => {
    const { breaker } = make({ ...TRIP_AT_TWO, mode: 'observe' });
    call(breaker, 'failure', 2);
    expect(breaker.state).toBe('open');
    expect(call(breaker, 'failure', 10)).toBe(true);
    expect(breaker.snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 12, wouldReject: { open: 10 }, rejected: rejected() },
    });
  });

  it('judges as enforcement would: calls that would have been refused decide nothing', () => {
    const { breaker, clock, events } = make({ ...TRIP_AT_TWO, mode: 'observe' });
    call(breaker, 'failure', 2);
    const wouldBeRefused = admit(breaker);
    clock.advance(5_000);
    const trial = admit(breaker);
    const besideTheTrial = admit(breaker);
    wouldBeRefused.failure(1);
    besideTheTrial.failure(1);
    expect(breaker.state).toBe('halfOpen');
    trial.success(1);
    expect(breaker.state).toBe('closed');
    expect(story(events)).toEqual([
      'closed -> open: consecutiveFailures',
      'open -> halfOpen: openPeriodOver',
      'halfOpen -> closed: trialsSucceeded',
    ]);
    expect(breaker.snapshot()).toMatchObject({ counts: { wouldReject: { open: 1, halfOpen: 1 } }, conditions: [{ calls: 0 }] });
  });

  it('says so in its events', () => {
    const { breaker, events } = make({ ...TRIP_AT_TWO, mode: 'observe' });
    call(breaker, 'failure', 2);
    expect(events.at(-1)).toMatchObject({ mode: 'observe', to: 'open', openForMs: 5_000 });
  });

  it('can be tripped by hand', () => {
    const { breaker } = make({ mode: 'observe' });
    expect(breaker.trip('test')).toBe(true);
    expect(breaker.state).toBe('open');
    expect(breaker.tryAcquire()).not.toBeNull();
  });
});

describe('off', () => {
  it('judges nothing and refuses nothing, and counts', () => {
    const { breaker, events } = make({ trip: { consecutiveFailures: 1, slowCallRate: { slowerThan: '1ms' } }, mode: 'off' });
    expect(call(breaker, 'failure', 100, 900)).toBe(true);
    expect(breaker.trip('test')).toBe(false);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', mode: 'off', counts: { failure: 100 }, inFlight: 0 });
    expect(breaker.snapshot().conditions.map(({ calls }) => calls)).toEqual([0, 0]);
    expect(events).toEqual([]);
  });

  it.each(['by hand', 'by time'])('is closed again when it is no longer forced open, %s', (how) => {
    const { breaker, clock, events } = make({ mode: 'off', trials: 1 });
    breaker.override('forcedOpen', { forMs: 1_000 });
    if (how === 'by hand') breaker.override(null, { reason: 'done' });
    else clock.advance(1_000);
    expect(call(breaker, 'failure', 100)).toBe(true);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', override: null });
    const reason = how === 'by hand' ? 'done' : 'expired';
    expect(events.at(-1)).toMatchObject({ from: 'open', to: 'closed', verdict: { reason: 'forced', message: reason } });
  });
});

describe.each(['enforce', 'observe', 'off'] as const)('an override in mode %s', (mode) => {
  const options = { ...TRIP_AT_TWO, mode };

  it('forcedOpen refuses every call, for as long as it holds', () => {
    const { breaker, clock, events } = make(options);
    breaker.override('forcedOpen', { reason: 'database migration' });
    clock.advance(1e12);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({
      state: 'open',
      override: 'forcedOpen',
      retryInMs: Infinity,
      trialDue: false,
      counts: { rejected: { open: 0, halfOpen: 0, forced: 1 }, wouldReject: rejected() },
    });
    expect(breaker.rejection(clock.now()).reason).toBe('forced');
    expect(story(events)).toEqual(['override forcedOpen: database migration', 'closed -> open: forced']);
    expect(events.at(-1)).toMatchObject({ openForMs: Infinity, verdict: { reason: 'forced', message: 'database migration' } });
  });

  it('forcedOpen ends by itself, at its time', () => {
    const { breaker, clock, events } = make(options);
    breaker.override('forcedOpen', { forMs: 1_000 });
    clock.advance(999.5);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({ override: 'forcedOpen', retryInMs: 0.5 });
    clock.advance(0.5);
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.snapshot().override).toBeNull();
    expect(story(events).slice(0, 3)).toEqual([
      'override forcedOpen: by code',
      'closed -> open: forced',
      'override none: expired',
    ]);
  });

  it('forcedClosed refuses none', () => {
    const { breaker, clock, events } = make(options);
    breaker.override('forcedClosed', { reason: 'we know better', forMs: 60_000 });
    expect(call(breaker, 'failure', 100)).toBe(true);
    expect(breaker.trip('test')).toBe(false);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', override: 'forcedClosed', retryInMs: 0 });
    clock.advance(60_000);
    expect(breaker.snapshot().override).toBeNull();
    expect(story(events)).toEqual(['override forcedClosed: we know better', 'override none: expired']);
  });

  it('forcedClosed closes an open breaker, whatever opened it', () => {
    const { breaker, events } = make(options);
    breaker.override('forcedOpen');
    breaker.override('forcedClosed', { reason: 'now' });
    expect(call(breaker, 'failure', 10)).toBe(true);
    expect(story(events).slice(2)).toEqual(['override forcedClosed: now', 'open -> closed: forced']);
  });
});

describe('an override that is taken back', () => {
  it('forcedOpen: trials come first, at once', () => {
    const { breaker, events } = make({ ...TRIP_AT_TWO, trials: 2 });
    breaker.override('forcedOpen');
    breaker.override(null, { reason: 'migrated' });
    expect(breaker.snapshot()).toMatchObject({ state: 'open', trialDue: true, retryInMs: 0, override: null });
    call(breaker, 'success', 2);
    expect(breaker.state).toBe('closed');
    expect(story(events).slice(2)).toEqual([
      'override none: migrated',
      'open -> halfOpen: openPeriodOver',
      'halfOpen -> closed: trialsSucceeded',
    ]);
  });

  it('forcedOpen over an open breaker: no change of state, and no waiting for the old period', () => {
    const { breaker, events, clock } = make(TRIP_AT_TWO);
    breaker.trip('test');
    clock.advance(1_000);
    breaker.override('forcedOpen');
    expect(breaker.snapshot()).toMatchObject({ inStateMs: 1_000, retryInMs: Infinity, verdict: { reason: 'forced' } });
    clock.advance(60_000);
    expect(breaker.tryAcquire()).toBeNull();
    breaker.override(null);
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(story(events)[1]).toBe('override forcedOpen: by code');
  });

  it.each(['by hand', 'by time'])('forcedClosed, %s: what was let through against the judgement is no evidence', (how) => {
    const { breaker, clock, events } = make(TRIP_AT_TWO);
    breaker.override('forcedClosed', { forMs: 1_000 });
    call(breaker, 'failure', 7);
    expect(breaker.snapshot().conditions[0]?.value).toBe(7);
    if (how === 'by hand') breaker.override(null);
    else clock.advance(1_000);
    expect(breaker.snapshot().conditions[0]?.value).toBe(0);
    call(breaker, 'failure');
    expect(breaker.state).toBe('closed');
    call(breaker, 'failure');
    expect(lastVerdict(events)).toMatchObject({ reason: 'consecutiveFailures', failures: 2 });
  });

  it('forcedClosed: an open breaker that it closed begins its backoff anew', () => {
    const { breaker } = make(TRIP_AT_TWO);
    breaker.trip('one');
    breaker.override('forcedClosed');
    breaker.override(null);
    breaker.trip('two');
    expect(breaker.snapshot().retryInMs).toBe(5_000);
  });

  it('that was none is nothing', () => {
    const { breaker, events } = make(TRIP_AT_TWO);
    breaker.override(null);
    expect(events).toEqual([]);
  });
});

it('an override set again holds until the new time, and is told once', () => {
  const { breaker, clock, events } = make(TRIP_AT_TWO);
  breaker.override('forcedOpen', { forMs: 1_000 });
  breaker.override('forcedOpen', { forMs: 5_000 });
  clock.advance(4_999);
  expect(breaker.tryAcquire()).toBeNull();
  expect(events).toHaveLength(2);
});

it('a forced breaker takes no result as evidence for its next state', () => {
  const { breaker, clock } = make(TRIP_AT_TWO);
  const early = [admit(breaker), admit(breaker)];
  breaker.override('forcedOpen', { forMs: 1_000 });
  clock.advance(1_000);
  const trial = admit(breaker);
  for (const permit of early) permit.failure(1);
  trial.success(1);
  expect(breaker.state).toBe('closed');
});
