import { describe, expect, it } from 'vitest';
import { call, make, makeTrialDue, rejected, story } from './helpers/make.ts';

const DAY_MS = 86_400_000;

describe('an open breaker', () => {
  it('refuses every call until its period is over, and counts them', () => {
    const { breaker, clock } = make({ openFor: '5s' });
    breaker.trip('test');
    for (const ms of [0, 1, 4_998, 0.999]) {
      clock.advance(ms);
      expect(breaker.tryAcquire()).toBeNull();
    }
    expect(breaker.snapshot().counts.rejected).toEqual(rejected({ open: 4 }));
  });

  it.each([5_000, 5_000.001, DAY_MS, 400 * DAY_MS])('takes the first call %d ms after the trip as a trial', (ms) => {
    const { breaker, clock, events } = make({ openFor: '5s' });
    breaker.trip('test');
    clock.advance(ms);
    expect(breaker.state).toBe('open');
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.state).toBe('halfOpen');
    expect(events.at(-1)).toMatchObject({ verdict: { reason: 'openPeriodOver', openMs: ms }, lastedMs: ms, atMs: ms });
  });

  it('counts refused calls in no window', () => {
    const { breaker, clock } = make({ trip: { failureRate: { window: { calls: 10 }, minCalls: 1 } }, trials: 1 });
    breaker.trip('test');
    for (let i = 0; i < 100; i++) expect(breaker.tryAcquire()).toBeNull();
    clock.advance(5_000);
    call(breaker, 'success');
    expect(breaker.snapshot().conditions).toEqual([{ condition: 'failureRate', value: 0, threshold: 0.5, calls: 0 }]);
  });
});

describe('retryInMs and trialDue', () => {
  it('count down, and say that a trial would be let through', () => {
    const { breaker, clock } = make({ openFor: '5s' });
    const seen = [0, 1_500, 3_499, 1, 1_000].map((ms, i) => {
      if (i === 0) breaker.trip('test');
      clock.advance(ms);
      const { retryInMs, trialDue, state } = breaker.snapshot();
      return [state, retryInMs, trialDue];
    });
    expect(seen).toEqual([
      ['open', 5_000, false],
      ['open', 3_500, false],
      ['open', 1, false],
      ['open', 0, true],
      ['open', 0, true],
    ]);
  });

  it('are told to a refused call too', () => {
    const { breaker, clock } = make({ openFor: '5s', name: 'it' });
    breaker.trip('because');
    clock.advance(2_000);
    expect(breaker.rejection(clock.now())).toEqual({
      reason: 'open',
      retryInMs: 3_000,
      verdict: { reason: 'manual', message: 'because' },
    });
  });

  it('are 0 and false when closed', () => {
    expect(make().breaker.snapshot()).toMatchObject({ retryInMs: 0, trialDue: false });
  });
});

describe('open periods in a row', () => {
  it('grow until it has been closed for `stability`, and then begin anew', () => {
    const made = make({ openFor: '1s', backoff: { factor: 2, max: '4s' }, trials: 1, stability: '10s' });
    const { breaker, clock } = made;
    makeTrialDue(made);
    const periods = ['failure', 'failure', 'failure', 'success'].map((outcome) => {
      call(breaker, outcome as 'failure' | 'success');
      const { retryInMs } = breaker.snapshot();
      clock.advance(retryInMs);
      return retryInMs;
    });
    expect(periods).toEqual([2_000, 4_000, 4_000, 0]);
    clock.advance(10_000);
    breaker.trip('again');
    expect(breaker.snapshot().retryInMs).toBe(1_000);
  });

  it('begin anew after a reset', () => {
    const made = make({ openFor: '1s' });
    makeTrialDue(made);
    call(made.breaker, 'failure');
    made.breaker.reset();
    made.breaker.trip('again');
    expect(made.breaker.snapshot().retryInMs).toBe(1_000);
  });

  it('are spread by jitter, and told so', () => {
    const draws = [1, 0];
    const made = make({ openFor: '1s', jitter: '10%', trials: 1 }, () => draws.shift() ?? Number.NaN);
    made.breaker.trip('test');
    expect(made.events.at(-1)).toMatchObject({ openForMs: 1_100 });
    made.clock.advance(1_100);
    call(made.breaker, 'failure');
    expect(made.events.at(-1)).toMatchObject({ to: 'open', openForMs: 1_800 });
  });
});

describe('trip(reason)', () => {
  it('opens a closed or half-open breaker, and says who did', () => {
    const made = make();
    expect(made.breaker.trip('errors in Prometheus')).toBe(true);
    made.clock.advance(5_000);
    call(made.breaker, 'success');
    expect(made.breaker.trip('still')).toBe(true);
    expect(story(made.events)).toEqual([
      'closed -> open: manual',
      'open -> halfOpen: openPeriodOver',
      'halfOpen -> open: manual',
    ]);
    expect(made.breaker.verdict).toEqual({ reason: 'manual', message: 'still' });
  });

  it('does nothing to an open one, also when a trial is due', () => {
    const made = make();
    makeTrialDue(made);
    expect(made.breaker.trip('again')).toBe(false);
    expect(made.breaker.snapshot()).toMatchObject({ trialDue: true, retryInMs: 0 });
    expect(made.events).toHaveLength(1);
  });
});
