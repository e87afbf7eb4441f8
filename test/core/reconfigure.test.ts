import { describe, expect, it } from 'vitest';
import { type BareBreakerOptions, createBreaker } from '../../src/create-breaker.ts';
import { parseBareBreaker } from '../../src/policy/breaker-options.ts';
import { admit, call, make, story } from './helpers/make.ts';

const config = (options: BareBreakerOptions) => parseBareBreaker(options).config;

const RATE = { threshold: '50%', window: '10s', minCalls: 10 } as const;
const BEFORE = { trip: { failureRate: RATE, consecutiveFailures: 100 }, openFor: '5s', backoff: { max: '60s' } } as const;

describe('a breaker that goes on with another configuration', () => {
  it('keeps what the conditions know that are the same', () => {
    const { breaker } = make(BEFORE);
    call(breaker, 'failure', 5);
    breaker.reconfigure(config({ ...BEFORE, trip: { failureRate: RATE, consecutiveFailures: 50 } }));
    expect(breaker.snapshot().conditions).toMatchObject([
      { condition: 'consecutiveFailures', value: 0, threshold: 50 },
      { condition: 'failureRate', value: 1, calls: 5 },
    ]);
    call(breaker, 'failure', 5);
    expect(breaker.verdict).toMatchObject({ reason: 'failureRate', failures: 10 });
  });

  it('judges by a changed condition from new', () => {
    const { breaker } = make(BEFORE);
    call(breaker, 'failure', 9);
    breaker.reconfigure(config({ ...BEFORE, trip: { failureRate: { ...RATE, minCalls: 4 } } }));
    expect(breaker.snapshot().conditions).toMatchObject([{ condition: 'failureRate', calls: 0 }]);
    call(breaker, 'failure', 3);
    expect(breaker.state).toBe('closed');
    call(breaker, 'failure', 1);
    expect(breaker.state).toBe('open');
  });

  it('stays open for the rest of its period, and takes the new length for the next one', () => {
    const { breaker, clock, events } = make({ ...BEFORE, trials: 1 });
    breaker.trip('by hand');
    clock.advance(1_000);
    breaker.reconfigure(config({ ...BEFORE, openFor: '1s', backoff: { factor: 3, max: '60s' }, trials: 1 }));
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryInMs: 4_000 });
    clock.advance(4_000);
    admit(breaker).failure(1);
    expect(events.at(-1)).toMatchObject({ to: 'open', openForMs: 3_000 });
  });

  it('does not judge calls that are under way when conditions change, and judges them when they do not', () => {
    const { breaker } = make({ ...BEFORE, trip: { consecutiveFailures: 2 } });
    const [one, two] = [admit(breaker), admit(breaker)];
    breaker.reconfigure(config({ ...BEFORE, openFor: '7s', trip: { consecutiveFailures: 2 } }));
    one.failure(1);
    two.failure(1);
    expect(breaker.state).toBe('open');

    const other = make({ ...BEFORE, trip: { consecutiveFailures: 2 } }).breaker;
    const [three, four] = [admit(other), admit(other)];
    other.reconfigure(config({ ...BEFORE, trip: { consecutiveFailures: 1 } }));
    three.failure(1);
    four.failure(1);
    expect(other.snapshot()).toMatchObject({ state: 'closed', inFlight: 0, counts: { failure: 2 } });
  });

  it('lets new trials through when their number changes in half-open; those of before decide nothing', () => {
    const { breaker, clock, events } = make({ ...BEFORE, trials: 1 });
    breaker.trip('by hand');
    clock.advance(5_000);
    const before = admit(breaker);
    expect(breaker.tryAcquire()).toBeNull();
    breaker.reconfigure(config({ ...BEFORE, trials: 2 }));
    const [one, two] = [admit(breaker), admit(breaker)];
    before.failure(1);
    expect(breaker.state).toBe('halfOpen');
    one.success(1);
    two.success(1);
    expect(story(events).at(-1)).toBe('halfOpen -> closed: trialsSucceeded');
  });

  it('goes on with the trials that are under way when nothing about them changes', () => {
    const { breaker, clock } = make({ ...BEFORE, trials: 1 });
    breaker.trip('by hand');
    clock.advance(5_000);
    const trial = admit(breaker);
    breaker.reconfigure(config({ ...BEFORE, trials: 1, openFor: '1s' }));
    trial.success(1);
    expect(breaker.state).toBe('closed');
  });

  it('limits calls under way from now on, or no more', () => {
    const { breaker } = make({ ...BEFORE });
    admit(breaker);
    breaker.reconfigure(config({ ...BEFORE, maxConcurrent: 1 }));
    expect(breaker.tryAcquire()).toBeNull();
    breaker.reconfigure(config(BEFORE));
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('goes on with its ramp', () => {
    const { breaker, clock } = make({ ...BEFORE, trials: 1, rampUp: '10s' });
    breaker.trip('by hand');
    clock.advance(20_000);
    admit(breaker).success(1);
    clock.advance(5_000);
    const { admittedShare } = breaker.snapshot();
    breaker.reconfigure(config({ ...BEFORE, trials: 1, rampUp: '1s' }));
    expect(admittedShare).toBeLessThan(1);
    expect(breaker.snapshot().admittedShare).toBe(admittedShare);
  });

  it('keeps counts, subscribers and a person’s override, and takes the mode of the policy', () => {
    const { breaker, events } = make(BEFORE);
    call(breaker, 'success', 3);
    breaker.override('forcedOpen', { reason: 'alice' });
    breaker.reconfigure(config({ ...BEFORE, mode: 'observe' }));
    expect(breaker.snapshot()).toMatchObject({ state: 'open', mode: 'observe', override: 'forcedOpen', counts: { success: 3 } });
    expect(breaker.tryAcquire()).toBeNull();
    expect(story(events).at(-1)).toBe('mode observe: policy');
  });

  it('does not take a chosen mode away', () => {
    const { breaker, events } = make(BEFORE);
    breaker.setMode('observe');
    breaker.reconfigure(config({ ...BEFORE, mode: 'off' }));
    expect(breaker.mode).toBe('observe');
    breaker.setMode(null, { reason: 'done' });
    expect(breaker.mode).toBe('off');
    expect(story(events)).toEqual(['mode observe: by code', 'mode off: done']);
  });

  it('knows what is usual also where adaptive itself changes, as far as it means the same', () => {
    const { breaker } = make({ trip: { adaptive: { warmUp: 100 } } });
    call(breaker, 'success', 600, 10);
    call(breaker, 'failure', 6, 10);
    call(breaker, 'success', 600, 10);
    const baselineOf = () => breaker.snapshot().conditions[0]?.baseline;
    const learned = baselineOf();
    expect(learned?.errorRate).toBeGreaterThan(0);
    expect(breaker.inFlightLimitMs).toBeCloseTo(30, 0);
    breaker.reconfigure(config({ trip: { adaptive: { warmUp: 100, unhealthy: '10%' } } }));
    expect(baselineOf()).toEqual(learned);
    expect(breaker.inFlightLimitMs).toBeCloseTo(30, 0);
    breaker.reconfigure(config({ trip: { adaptive: { warmUp: 100, unhealthy: '10%', slowdown: 5 } } }));
    // How many calls are slow by the new limit has to be learned first.
    expect([breaker.usualLatencyMs, breaker.inFlightLimitMs]).toEqual([learned?.latencyMs, Infinity]);
    call(breaker, 'success', 300, 10);
    expect(breaker.inFlightLimitMs).toBeCloseTo(50, 0);
  });

  it('does not take a suspicion for usual when adaptive changes', () => {
    const { breaker, clock } = make({ trip: { adaptive: { warmUp: 100 } } });
    call(breaker, 'success', 1_000, 10);
    call(breaker, 'failure', 3, 500);
    clock.advance(1);
    breaker.reconfigure(config({ trip: { adaptive: { warmUp: 100, unhealthy: '15%' } } }));
    expect(breaker.snapshot().conditions[0]).toMatchObject({ value: 0, baseline: { errorRate: 0 } });
    expect(breaker.usualLatencyMs).toBeCloseTo(10, 0);
  });

  it('has learned what it has, also where a warm-up is longer now', () => {
    const { breaker } = make({ trip: { adaptive: { warmUp: 100 } } });
    call(breaker, 'success', 1_000, 10);
    breaker.reconfigure(config({ trip: { adaptive: { warmUp: 5_000 } } }));
    expect(breaker.usualLatencyMs).toBeCloseTo(10, 0);
  });

  it('forgets the usual ways where adaptive is gone', () => {
    const { breaker } = make({ trip: { adaptive: { warmUp: 100 } } });
    call(breaker, 'success', 300, 10);
    expect(breaker.usualLatencyMs).toBeCloseTo(10, 0);
    breaker.reconfigure(config({ trip: { adaptive: { warmUp: 100 } }, openFor: '3s' }));
    expect(breaker.usualLatencyMs).toBeCloseTo(10, 0);
    breaker.reconfigure(config({ trip: { consecutiveFailures: 2 } }));
    expect(breaker.usualLatencyMs).toBeUndefined();
  });

  it('is as one that was made so, in all that it does afterwards', () => {
    const changed = make({ ...BEFORE, mode: 'observe', maxConcurrent: 3, trip: { adaptive: {} } }).breaker;
    changed.reconfigure(config(BEFORE));
    const made = createBreaker({ ...BEFORE, name: 'breaker' });
    const { inStateMs: _, ...one } = changed.snapshot();
    const { inStateMs: __, ...other } = made.snapshot();
    expect(one).toEqual(other);
  });
});
