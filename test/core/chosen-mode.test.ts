import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../src/create-breaker.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { admit, call, make, newSlot, story } from './helpers/make.ts';

const TRIP_AT_TWO = { trip: { consecutiveFailures: 2 }, openFor: '5s' } as const;

describe('a mode that a person chooses', () => {
  it('lets calls through that the policy would have refused, and says why and for how long', () => {
    const { breaker, clock, events } = make(TRIP_AT_TWO);
    call(breaker, 'failure', 2);
    expect(breaker.tryAcquire()).toBeNull();
    breaker.setMode('observe', { reason: 'alice: false alarm', forMs: 60_000 });
    expect(breaker.mode).toBe('observe');
    expect(call(breaker, 'failure', 3)).toBe(true);
    clock.advance(1_000);
    expect(breaker.snapshot()).toMatchObject({
      state: 'open',
      mode: 'observe',
      chosenMode: { mode: 'observe', reason: 'alice: false alarm', endsInMs: 59_000 },
      counts: { wouldReject: { open: 3 } },
    });
    expect(story(events)).toEqual(['closed -> open: consecutiveFailures', 'mode observe: alice: false alarm']);
  });

  it('ends by itself: the breaker refuses again', () => {
    const { breaker, clock, events } = make(TRIP_AT_TWO);
    breaker.setMode('observe', { forMs: 1_000 });
    call(breaker, 'failure', 2);
    clock.advance(999);
    expect(breaker.tryAcquire()).not.toBeNull();
    clock.advance(1);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({ mode: 'enforce', chosenMode: null });
    expect(story(events)).toEqual(['mode observe: by code', 'closed -> open: consecutiveFailures', 'mode enforce: expired']);
  });

  it('has ended when the breaker trips later', () => {
    const { breaker, clock, events } = make(TRIP_AT_TWO);
    breaker.setMode('observe', { forMs: 1_000 });
    call(breaker, 'failure', 1);
    clock.advance(2_000);
    call(breaker, 'failure', 1);
    expect(events.at(-1)).toMatchObject({ type: 'transition', to: 'open', mode: 'enforce' });
    expect(breaker.tryAcquire()).toBeNull();
  });

  it('off closes what is open, and judges nothing; taken back, it judges anew', () => {
    const { breaker, events } = make(TRIP_AT_TWO);
    call(breaker, 'failure', 2);
    breaker.setMode('off', { reason: 'bob: maintenance' });
    expect(call(breaker, 'failure', 50)).toBe(true);
    expect(breaker.state).toBe('closed');
    breaker.setMode(null, { reason: 'bob: done' });
    call(breaker, 'failure', 1);
    expect(breaker.state).toBe('closed');
    call(breaker, 'failure', 1);
    expect(breaker.state).toBe('open');
    expect(story(events)).toEqual([
      'closed -> open: consecutiveFailures',
      'mode off: bob: maintenance',
      'open -> closed: forced',
      'mode enforce: bob: done',
      'closed -> open: consecutiveFailures',
    ]);
  });

  it('off does not judge calls that began in it and end after it', () => {
    const { breaker } = make(TRIP_AT_TWO);
    breaker.setMode('off');
    const [one, two] = [admit(breaker), admit(breaker)];
    breaker.setMode(null);
    one.failure(1);
    two.failure(1);
    expect(breaker.state).toBe('closed');
  });

  it('off is not opened by calls that were under way, nor by what is seen of them', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 2, slowCallRate: { slowerThan: '10ms', minCalls: 1 } } });
    const [one, two] = [admit(breaker), admit(breaker)];
    const slow = newSlot();
    breaker.acquire(slow, 0, Infinity);
    breaker.setMode('off');
    one.failure(1);
    two.failure(1);
    breaker.watch(slow, 1_000, 1_000);
    expect(breaker.state).toBe('closed');
    expect(breaker.trip('by hand')).toBe(false);
    expect(call(breaker, 'failure', 10)).toBe(true);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 1, counts: { failure: 12 } });
  });

  it('off forgets what was seen before', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 3 } });
    call(breaker, 'failure', 2);
    breaker.setMode('off');
    call(breaker, 'success', 100);
    breaker.setMode(null);
    call(breaker, 'failure', 2);
    expect(breaker.state).toBe('closed');
  });

  it('off holds also where the end of a choice is seen only when it would open', () => {
    const { breaker, clock } = make({ ...TRIP_AT_TWO, mode: 'off' });
    breaker.setMode('enforce', { forMs: 1_000 });
    const [one, two] = [admit(breaker), admit(breaker)];
    clock.advance(2_000);
    one.failure(1);
    two.failure(1);
    expect(breaker.mode).toBe('off');
    expect(breaker.state).toBe('closed');
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('leaves what a person forced open alone', () => {
    const { breaker } = make(TRIP_AT_TWO);
    breaker.override('forcedOpen');
    breaker.setMode('off');
    expect(breaker.tryAcquire()).toBeNull();
  });

  it('outlives a reset, and tells nothing where it is the mode already', () => {
    const { breaker, events } = make(TRIP_AT_TWO);
    breaker.setMode('enforce');
    expect(events).toEqual([]);
    breaker.setMode('observe');
    breaker.reset();
    expect(breaker.mode).toBe('observe');
  });

  it('is refused whole when it is none', () => {
    const breaker = createBreaker({}, { clock: new ManualClock() });
    expect(() => breaker.setMode('enforced' as never)).toThrow('enforced is not a mode; expected enforce, observe, off or null');
    expect(breaker.mode).toBe('enforce');
  });
});

it.each([Number.NaN, 0, -1, '10m'])('neither a mode nor an override takes %s for its time: it would never end', (forMs) => {
  const breaker = createBreaker({}, { clock: new ManualClock() });
  expect(() => breaker.setMode('off', { forMs: forMs as number })).toThrow('expected a number of milliseconds over 0');
  expect(() => breaker.override('forcedOpen', { forMs: forMs as number })).toThrow('expected a number of milliseconds over 0');
  expect(breaker.snapshot()).toMatchObject({ mode: 'enforce', override: null });
});
