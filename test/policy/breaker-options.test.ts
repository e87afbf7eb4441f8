import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../src/core/defaults.ts';
import { type BreakerOptions, parseBareBreaker } from '../../src/policy/breaker-options.ts';
import { problemsOf } from './helpers.ts';

const config = (options: BreakerOptions) => parseBareBreaker(options).config;

describe('defaults', () => {
  it('of a breaker on its own', () => {
    expect(parseBareBreaker({})).toEqual({
      name: 'breaker',
      config: {
        trip: { consecutiveFailures: { threshold: 5 } },
        openForMs: 5_000,
        backoffFactor: 2,
        backoffMaxMs: 60_000,
        jitter: 0,
        trials: 3,
        leaseMs: 30_000,
        mode: 'enforce',
      },
    });
  });

  it('of the rates', () => {
    const window = { durationMs: 10_000, slices: 10 };
    expect(config({ trip: { failureRate: {}, slowCallRate: { slowerThan: '25ms' } } }).trip).toEqual({
      failureRate: { threshold: 0.5, window, minCalls: 20 },
      slowCallRate: { slowerThanMs: 25, threshold: 0.5, window, minCalls: 20 },
    });
  });

  it('stand in one place', () => {
    expect(DEFAULTS).toEqual({
      consecutiveFailures: 5,
      failureRate: 0.5,
      slowCallRate: 0.5,
      windowMs: 10_000,
      slices: 10,
      minCalls: 20,
      openForMs: 5_000,
      backoffFactor: 2,
      backoffMaxMs: 60_000,
      policyJitter: 0.2,
      bareJitter: 0,
      trials: 3,
      leaseMs: 30_000,
      mode: 'enforce',
      maxBreakers: 10_000,
    });
  });

  it('do not add a condition to those that are listed', () => {
    expect(config({ trip: { failureRate: {} } }).trip).not.toHaveProperty('consecutiveFailures');
  });

  it('of minCalls fit a small window of calls', () => {
    expect(config({ trip: { failureRate: { window: { calls: 7 } } } }).trip.failureRate?.minCalls).toBe(7);
    expect(config({ trip: { failureRate: { window: { calls: 700 } } } }).trip.failureRate?.minCalls).toBe(20);
  });
});

it('takes every option', () => {
  const options = {
    name: 'prices',
    trip: {
      consecutiveFailures: 7,
      failureRate: { threshold: '30%', window: { calls: 100 }, minCalls: 10 },
      slowCallRate: { slowerThan: '15ms', threshold: 0.25, window: { duration: '2s', slices: 4 }, minCalls: 5 },
    },
    openFor: '1s',
    backoff: { factor: 1.5, max: '2m' },
    jitter: '10%',
    trials: 1,
    lease: '500ms',
    mode: 'observe',
  } as const;
  expect(parseBareBreaker(options)).toEqual({
    name: 'prices',
    config: {
      trip: {
        consecutiveFailures: { threshold: 7 },
        failureRate: { threshold: 0.3, window: { calls: 100 }, minCalls: 10 },
        slowCallRate: { slowerThanMs: 15, threshold: 0.25, window: { durationMs: 2_000, slices: 4 }, minCalls: 5 },
      },
      openForMs: 1_000,
      backoffFactor: 1.5,
      backoffMaxMs: 120_000,
      jitter: 0.1,
      trials: 1,
      leaseMs: 500,
      mode: 'observe',
    },
  });
});

it.each<[BreakerOptions, unknown]>([
  [{ trip: { failureRate: { window: '2s' } } }, { durationMs: 2_000, slices: 10 }],
  [{ trip: { failureRate: { window: { duration: '2s' } } } }, { durationMs: 2_000, slices: 10 }],
  [{ trip: { failureRate: { window: { duration: '2s', slices: 1_000 } } } }, { durationMs: 2_000, slices: 1_000 }],
  [{ trip: { failureRate: { window: { calls: 1_000_000 } } } }, { calls: 1_000_000 }],
])('a window: %j', (options, window) => {
  expect(config(options).trip.failureRate?.window).toEqual(window);
});

it('an openFor over the default max of the backoff is fine', () => {
  expect(config({ openFor: '5m' }).openForMs).toBe(300_000);
});

describe('refuses', () => {
  const NOT_A_DURATION = 'is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"';
  const NOT_A_SHARE = 'is not a share; expected "50%" or a number from 0 to 1';
  const WINDOW =
    'expected a duration such as "10s", { calls: 100 } (1 to 1000000), or { duration: "10s", slices: 10 } (1 to 1000 slices)';
  const NO_CONDITION =
    'lists no condition; list at least one of consecutiveFailures, failureRate, slowCallRate, or leave trip out';

  it.each<[unknown, string]>([
    [{ name: '' }, 'name: expected a name'],
    [{ name: 5 }, 'name: expected a name'],
    [{ openFor: 5_000 }, `openFor: 5000 ${NOT_A_DURATION}`],
    [{ openFor: '5 seconds' }, `openFor: "5 seconds" ${NOT_A_DURATION}`],
    [{ openFor: null }, `openFor: null ${NOT_A_DURATION}`],
    [{ lease: '0s' }, 'lease: "0s" is zero; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
    [{ jitter: '120%' }, `jitter: "120%" ${NOT_A_SHARE}`],
    [{ jitter: -1 }, `jitter: -1 ${NOT_A_SHARE}`],
    [{ trials: 0 }, 'trials: expected at least 1 (trials)'],
    [{ trials: 1.5 }, 'trials: expected a whole number of trials, at least 1'],
    [{ trials: '3' }, 'trials: expected a whole number of trials, at least 1'],
    [{ trials: 1_001 }, 'trials: expected at most 1000 trials'],
    [{ mode: 'on' }, 'mode: expected enforce, observe or off'],
    [{ backoff: { factor: 0.5 } }, 'backoff.factor: expected a number of at least 1'],
    [{ backoff: { factor: 'two' } }, 'backoff.factor: expected a number of at least 1'],
    [{ backoff: { max: 60 } }, `backoff.max: 60 ${NOT_A_DURATION}`],
    [{ backoff: { max: '4s' } }, 'backoff.max: is 4000 ms, shorter than openFor (5000 ms); expected at least as long'],
    [
      { openFor: '10s', backoff: { max: '9.5s' } },
      'backoff.max: is 9500 ms, shorter than openFor (10000 ms); expected at least as long',
    ],
    [{ trip: {} }, `trip: ${NO_CONDITION}`],
    [{ trip: { consecutiveFailures: undefined } }, `trip: ${NO_CONDITION}`],
    [{ trip: { consecutiveFailures: 0 } }, 'trip.consecutiveFailures: expected at least 1 (failures)'],
    [{ trip: { consecutiveFailures: 2.5 } }, 'trip.consecutiveFailures: expected a whole number of failures, at least 1'],
    [{ trip: { consecutiveFailures: Number.NaN } }, 'trip.consecutiveFailures: expected a whole number of failures, at least 1'],
    [
      { trip: { failureRate: { threshold: 0 } } },
      'trip.failureRate.threshold: is zero, which every call reaches; expected a share over 0, such as "50%"',
    ],
    [{ trip: { failureRate: { threshold: 50 } } }, `trip.failureRate.threshold: 50 ${NOT_A_SHARE}`],
    [{ trip: { failureRate: { minCalls: 0 } } }, 'trip.failureRate.minCalls: expected at least 1 (calls)'],
    [{ trip: { failureRate: { window: 10 } } }, `trip.failureRate.window: ${WINDOW}`],
    [{ trip: { failureRate: { window: '10' } } }, `trip.failureRate.window: ${WINDOW}`],
    [{ trip: { failureRate: { window: { calls: 0 } } } }, expect.stringMatching(/^trip\.failureRate\.window/)],
    [{ trip: { failureRate: { window: { calls: 1_000_001 } } } }, expect.stringMatching(/^trip\.failureRate\.window/)],
    [{ trip: { failureRate: { window: { duration: '10s', slices: 0 } } } }, expect.stringMatching(/^trip\.failureRate\.window/)],
    [
      { trip: { failureRate: { window: { duration: '10s', slices: 1_001 } } } },
      expect.stringMatching(/^trip\.failureRate\.window/),
    ],
    [{ trip: { failureRate: { window: { duration: '10s', calls: 10 } } } }, expect.stringMatching(/^trip\.failureRate\.window/)],
    [
      { trip: { failureRate: { window: { calls: 5 }, minCalls: 6 } } },
      'trip.failureRate.minCalls: a window of 5 calls never holds 6, so this would never trip; lower minCalls or make the window larger',
    ],
    [{ trip: { slowCallRate: {} } }, expect.stringMatching(/^trip\.slowCallRate\.slowerThan: undefined is not a duration/)],
    [{ trip: { slowCallRate: { slowerThan: 25 } } }, `trip.slowCallRate.slowerThan: 25 ${NOT_A_DURATION}`],
    [{ trial: 3 }, 'trial: is not an option here; did you mean "trials"?'],
    [{ trip: { failurRate: {} } }, 'trip.failurRate: is not an option here; did you mean "failureRate"?'],
    [
      { trip: { failureRate: { treshold: '5%' } } },
      'trip.failureRate.treshold: is not an option here; did you mean "threshold"?',
    ],
    [
      { trip: { slowCallRate: { slowerThan: '1ms', min: 3 } } },
      expect.stringMatching(/^trip\.slowCallRate\.min: is not an option here; /),
    ],
    [{ backoff: { maximum: '5s' } }, 'backoff.maximum: is not an option here; known options: factor, max'],
  ])('%j', (options, problem) => {
    expect(problemsOf(() => parseBareBreaker(options))).toEqual([problem]);
  });

  it.each([null, undefined, 5, 'x', [], () => {}])('%o for options', (options) => {
    expect(problemsOf(() => parseBareBreaker(options))).toHaveLength(1);
  });

  it('with every problem at once', () => {
    const options = {
      openFor: 5,
      jitter: 2,
      trials: 0,
      mod: 'off',
      trip: { consecutiveFailures: 0, failureRate: { threshold: 0, window: 3 }, slow: {} },
    };
    expect(problemsOf(() => parseBareBreaker(options)).map((problem) => problem.split(':')[0])).toEqual([
      'trip.consecutiveFailures',
      'trip.failureRate.threshold',
      'trip.failureRate.window',
      'trip.slow',
      'openFor',
      'jitter',
      'trials',
      'mod',
    ]);
  });
});
