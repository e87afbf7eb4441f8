import { describe, expect, it } from 'vitest';
import { admit, call, due, lastVerdict, make, story } from './helpers/make.ts';

const DAY_MS = 86_400_000;

describe('a hung trial', () => {
  it.each([
    ['its deadline', 200, 200],
    ['the cap, where its deadline is later', 60_000, 30_000],
    ['the cap, where it has no deadline', undefined, 30_000],
    ['the cap, where its deadline was past already', -5, 30_000],
    ['the cap, where its deadline is no number', Number.NaN, 30_000],
  ])('counts as failed after %s', (_, deadlineMs, leaseMs) => {
    const made = due({ trials: 1 });
    const { breaker, clock } = made;
    admit(breaker, deadlineMs);
    clock.advance(leaseMs - 0.001);
    expect(breaker.snapshot()).toMatchObject({ state: 'halfOpen' });
    expect(breaker.snapshot().retryInMs).toBeCloseTo(0.001, 6);
    clock.advance(0.002);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.state).toBe('open');
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialExpired', leaseMs });
  });

  it('is seen by a snapshot too', () => {
    const { breaker, clock } = due({ trials: 2 });
    admit(breaker, 100);
    clock.advance(100);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryInMs: 5_000, inFlight: 1 });
  });

  it('is seen when another trial succeeds, which then does not count', () => {
    const made = due({ trials: 2 });
    admit(made.breaker, 100);
    const other = admit(made.breaker);
    made.clock.advance(100);
    other.success(1);
    expect(made.breaker.state).toBe('open');
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialExpired', leaseMs: 100 });
  });

  it.each(['success', 'failure'] as const)('that ends with %s after its lease reopens', (outcome) => {
    const made = due({ trials: 1 });
    const permit = admit(made.breaker, 100);
    made.clock.advance(100);
    permit[outcome](100);
    expect(made.breaker.state).toBe('open');
    expect(lastVerdict(made.events)?.reason).toBe(outcome === 'success' ? 'trialExpired' : 'trialFailed');
  });

  it('in time is a success', () => {
    const { breaker, clock } = due({ trials: 1 });
    const permit = admit(breaker, 100);
    clock.advance(99.999);
    permit.success(99.999);
    expect(breaker.state).toBe('closed');
  });

  it('does not hold the breaker for ever: it opens, tries again, and closes', () => {
    const made = due({ trials: 1, lease: '1s' });
    const hung = admit(made.breaker);
    made.clock.advance(1_000);
    expect(made.breaker.tryAcquire()).toBeNull();
    made.clock.advance(5_000);
    call(made.breaker, 'success');
    expect(made.breaker.state).toBe('closed');
    made.clock.advance(DAY_MS);
    hung.failure(DAY_MS);
    expect(made.breaker.state).toBe('closed');
    expect(story(made.events).slice(1)).toEqual([
      'open -> halfOpen: openPeriodOver',
      'halfOpen -> open: trialExpired',
      'open -> halfOpen: openPeriodOver',
      'halfOpen -> closed: trialsSucceeded',
    ]);
  });
});

describe('a trial that is still being answered when its lease ends', () => {
  it.each(['a call', 'a snapshot'])('has succeeded, as %s sees', (who) => {
    const made = due({ trials: 1, lease: '1s' });
    const stream = admit(made.breaker);
    made.breaker.answered(stream);
    made.clock.advance(999);
    expect(made.breaker.snapshot().state).toBe('halfOpen');
    made.clock.advance(1);
    if (who === 'a call') expect(made.breaker.tryAcquire()).not.toBeNull();
    else made.breaker.snapshot();
    expect(made.breaker.state).toBe('closed');
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialsSucceeded', trials: 1 });
    stream.failure(DAY_MS);
    expect(made.breaker.state).toBe('closed');
  });

  it.each([{}, { adaptive: {} }])('reopens where its answer was over a limit that stands fast, with %j besides', (besides) => {
    const trip = { ...besides, latencySlo: { limit: '25ms' as const } };
    for (const [answeredMs, state] of [[25, 'halfOpen'] as const, [25.1, 'open'] as const]) {
      const made = due({ trip, trials: 2 });
      made.breaker.answered(admit(made.breaker), answeredMs);
      expect(made.breaker.state).toBe(state);
      if (state !== 'open') continue;
      expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialSlow', durationMs: 25.1, slowerThanMs: 25 });
    }
  });

  it('does not make up for one that is not', () => {
    const made = due({ trials: 2, lease: '1s' });
    made.breaker.answered(admit(made.breaker));
    admit(made.breaker);
    made.clock.advance(1_000);
    expect(made.breaker.tryAcquire()).toBeNull();
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialExpired', leaseMs: 1_000 });
  });

  it('keeps its place, and reopens where it fails after all', () => {
    const { breaker, clock } = due({ trials: 2, lease: '1s' });
    const [ignored, failed] = [admit(breaker), admit(breaker, 2_000)];
    breaker.answered(ignored);
    clock.advance(1_000);
    expect(breaker.snapshot().state).toBe('open');
    failed.failure(1);

    const again = due({ trials: 2, lease: '1s' });
    const stream = admit(again.breaker);
    again.breaker.answered(stream);
    again.clock.advance(1_000);
    const second = admit(again.breaker);
    stream.ignore();
    expect(again.breaker.tryAcquire()).toBeNull();
    second.failure(1);
    expect(again.breaker.state).toBe('open');
  });

  it('is not the business of calls that are no trials, or of trials of before', () => {
    const { breaker, clock } = make({ trials: 1, lease: '1s', backoff: { factor: 1 } });
    const early = admit(breaker);
    breaker.trip('test');
    clock.advance(5_000);
    const first = admit(breaker);
    first.failure(1);
    clock.advance(5_000);
    admit(breaker);
    for (const permit of [early, first]) breaker.answered(permit);
    clock.advance(1_000);
    expect(breaker.snapshot().state).toBe('open');
  });
});

it('says when a place is free: at once, or when the first lease ends', () => {
  const { breaker, clock } = due({ trials: 2, lease: '10s' });
  admit(breaker);
  expect(breaker.snapshot().retryInMs).toBe(0);
  admit(breaker, 3_000);
  expect(breaker.snapshot().retryInMs).toBe(3_000);
  clock.advance(1_000);
  expect(breaker.rejection(clock.now())).toMatchObject({
    reason: 'halfOpen',
    retryInMs: 2_000,
    verdict: { reason: 'openPeriodOver' },
  });
});
