// Each of these went wrong once, and must not again: a title says how it showed.
import { describe, expect, it } from 'vitest';
import { TimeWindow } from '../../src/core/window/time-window.ts';
import { admit, call, make, makeTrialDue } from './helpers/make.ts';

const YEAR_MS = 3e10;

describe('C1 a listener of an override event that changes the override', () => {
  it.each(['override(null)', 'reset()'])('%s: leaves the breaker open for ever', (how) => {
    const { breaker, clock } = make({ trials: 1 });
    const off = breaker.subscribe((event) => {
      if (event.type !== 'override') return;
      off();
      if (how === 'reset()') breaker.reset();
      else breaker.override(null);
    });
    breaker.override('forcedOpen', { forMs: 1_000 });
    expect(breaker.snapshot().override).toBeNull();
    clock.advance(YEAR_MS);
    expect(breaker.tryAcquire()).not.toBeNull(); // refused: open, openUntil Infinity, no override that could expire
  });

  it('hears the event before the change is done: a forced open breaker admits', () => {
    const { breaker } = make();
    const seen: unknown[] = [];
    breaker.subscribe((event) => event.type === 'override' && seen.push(breaker.state, breaker.tryAcquire() === null));
    breaker.override('forcedOpen');
    expect(seen).toEqual(['open', true]); // ['closed', false]
  });
});

it('C2 a trial with a negative time left hangs in half-open for ever', () => {
  const made = make({ trials: 1 });
  made.clock.advance(1_000_000);
  makeTrialDue(made);
  admit(made.breaker, -5);
  made.clock.advance(YEAR_MS);
  expect(made.breaker.snapshot().state).toBe('open'); // halfOpen
});

it('C2b NaN for the time left, too', () => {
  const made = make({ trials: 1 });
  makeTrialDue(made);
  admit(made.breaker, Number.NaN);
  made.clock.advance(YEAR_MS);
  expect(made.breaker.snapshot().state).toBe('open');
});

it('C3 mode off, forced open and freed: refuses calls and is tripped by its trials', () => {
  const { breaker, clock } = make({ mode: 'off' });
  breaker.override('forcedOpen', { forMs: 1_000 });
  clock.advance(1_000);
  expect(Array.from({ length: 5 }, () => breaker.tryAcquire() !== null)).toEqual([true, true, true, true, true]);
  call(breaker, 'failure');
  expect(call(breaker, 'success')).toBe(true);
});

it('C4 closing by forcedClosed does not begin the backoff anew', () => {
  const { breaker } = make({ openFor: '5s' });
  breaker.trip('one');
  breaker.override('forcedClosed');
  breaker.override(null);
  breaker.trip('two');
  expect(breaker.snapshot().retryInMs).toBe(5_000); // 10 000
});

it('C5 trip() is ignored after an override has run out, until a call or snapshot comes by', () => {
  const { breaker, clock } = make();
  breaker.override('forcedClosed', { forMs: 1_000 });
  clock.advance(YEAR_MS);
  expect(breaker.trip('a signal from outside')).toBe(true);
});

it('C5b and so are results: a dead dependency whose calls all fail after the override ended does not trip', () => {
  const { breaker, clock } = make();
  breaker.override('forcedClosed', { forMs: 1_000 });
  const underWay = Array.from({ length: 20 }, () => admit(breaker));
  clock.advance(1_000);
  for (const permit of underWay) permit.failure(1_000);
  expect(breaker.state).toBe('open');
});

it('C6 a listener resets as half-open begins: the call is refused as "open" by a closed breaker', () => {
  const made = make();
  makeTrialDue(made);
  made.breaker.subscribe((event) => {
    if (event.type === 'transition' && event.to === 'halfOpen') made.breaker.reset();
  });
  const permit = made.breaker.tryAcquire();
  expect(made.breaker.state).toBe('closed');
  expect(permit).not.toBeNull();
});

it('C7 a clock below zero: nothing ever leaves a time window', () => {
  const window = new TimeWindow(1_000, 10);
  window.record(true, -YEAR_MS);
  window.advance(-1_000);
  expect(window.total).toBe(0); // 1
});

it('C8 override() with something that is none is an override without an effect, and switches tripping off', () => {
  const { breaker } = make({ trip: { consecutiveFailures: 1 } });
  for (const bad of ['open', undefined]) {
    try {
      breaker.override(bad as unknown as null);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError); // a refusal would be fine
    }
  }
  call(breaker, 'failure');
  expect(breaker.state).toBe('open');
});
