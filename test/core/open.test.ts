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

describe('an open period that has grown', () => {
  const grown = (): ReturnType<typeof make> => {
    const made = make({ openFor: '1s', backoff: { factor: 4, max: '60s', refused: 10 }, trials: 1 });
    makeTrialDue(made);
    call(made.breaker, 'failure');
    expect(made.breaker.snapshot().retryInMs).toBe(4_000);
    return made;
  };

  it('ends after enough refused calls, though not before its first length', () => {
    const { breaker, clock } = grown();
    clock.advance(999);
    for (let i = 0; i < 50; i++) expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot().retryInMs).toBe(3_001);
    clock.advance(1);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({ trialDue: true, retryInMs: 0 });
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('lasts as long as it is where few calls come', () => {
    const { breaker, clock } = grown();
    for (let i = 0; i < 9; i++) {
      clock.advance(400);
      expect(breaker.tryAcquire()).toBeNull();
    }
    clock.advance(400);
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('is not cut short where the server, or a signal, wants it to last', () => {
    for (const wish of ['server', 'signal'] as const) {
      const { breaker, clock } = grown();
      if (wish === 'server') breaker.pushBack(3_000, clock.now());
      else breaker.tripBySignal({ signal: 's', message: 'm' }, 3_000);
      clock.advance(2_999);
      for (let i = 0; i < 50; i++) expect(breaker.tryAcquire()).toBeNull();
      expect(breaker.snapshot().trialDue).toBe(false);
    }
  });
});

describe('pushBack(ms)', () => {
  it.each([
    ['of an open breaker lengthens its period', true],
    ['of a closed one lengthens the next', false],
  ])('%s', (_, isOpen) => {
    const { breaker, clock } = make({ openFor: '1s', backoff: { max: '5s' } });
    if (isOpen) breaker.trip('test');
    breaker.pushBack(3_000, clock.now());
    if (!isOpen) breaker.trip('test');
    expect(breaker.snapshot().retryInMs).toBe(3_000);
  });

  it('by a failing trial holds for the period that it begins', () => {
    const made = make({ openFor: '1s', backoff: { factor: 1, max: '5s' }, trials: 1 });
    makeTrialDue(made);
    const trial = made.breaker.tryAcquire();
    made.breaker.pushBack(4_000, made.clock.now());
    trial?.failure(1);
    expect(made.breaker.snapshot().retryInMs).toBe(4_000);
  });

  it.each([-1, 0, Number.NaN, Infinity, -Infinity])('of %d ms is ignored', (ms) => {
    const { breaker, clock } = make({ openFor: '1s' });
    breaker.pushBack(ms, clock.now());
    breaker.trip('test');
    breaker.pushBack(ms, clock.now());
    expect(breaker.snapshot().retryInMs).toBe(1_000);
  });

  it('asks for at most the longest period', () => {
    const { breaker, clock } = make({ openFor: '1s', backoff: { max: '5s' } });
    breaker.trip('test');
    breaker.pushBack(3_600_000, clock.now());
    expect(breaker.snapshot().retryInMs).toBe(5_000);
  });
});

describe('tripBySignal()', () => {
  const signal = { signal: 'p99', message: '31 ms over 25 ms', value: 31, threshold: 25 };

  it('opens, says what the signal said, and holds so long', () => {
    const { breaker, events } = make({ openFor: '1s' });
    expect(breaker.tripBySignal(signal, 15_000)).toBe(true);
    expect(breaker.verdict).toEqual({ reason: 'signal', ...signal });
    expect(events.at(-1)).toMatchObject({ openForMs: 15_000 });
    expect(breaker.tripBySignal(signal, 20_000)).toBe(false);
    expect(breaker.snapshot().retryInMs).toBe(20_000);
    expect(events).toHaveLength(1);
  });

  it.each([0, -5, Number.NaN])('holding for %d ms, is open as for any trip', (holdForMs) => {
    const { breaker, clock } = make({ openFor: '1s' });
    breaker.tripBySignal(signal, holdForMs);
    expect(breaker.snapshot().retryInMs).toBe(1_000);
    clock.advance(1_000);
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('does nothing under an override, or in mode off', () => {
    const forced = make();
    forced.breaker.override('forcedClosed');
    expect([forced.breaker.tripBySignal(signal), make({ mode: 'off' }).breaker.tripBySignal(signal)]).toEqual([false, false]);
  });
});
