import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../src/core/defaults.ts';
import { type BreakerOptions, parseBareBreaker } from '../../src/policy/breaker-options.ts';
import { problemsOf } from './helpers.ts';

const config = (options: BreakerOptions) => parseBareBreaker(options).config;

/** What adaptive is without options: how much of each stands in DEFAULTS, and is chosen by simulation. */
const ADAPTIVE = {
  falseTripEvery: DEFAULTS.falseTripEvery,
  unhealthy: DEFAULTS.unhealthy,
  slowdown: DEFAULTS.slowdown,
  slowdownFloorMs: DEFAULTS.slowdownFloorMs,
  blipMs: DEFAULTS.blipMs,
  warmUp: DEFAULTS.warmUp,
  halfLifeMs: DEFAULTS.halfLifeMs,
  adoptAfter: DEFAULTS.adoptAfter,
};

describe('defaults', () => {
  it('of a breaker on its own', () => {
    expect(parseBareBreaker({})).toEqual({
      name: 'breaker',
      config: {
        trip: { adaptive: ADAPTIVE },
        openForMs: DEFAULTS.openForMs,
        backoffFactor: DEFAULTS.backoffFactor,
        backoffMaxMs: DEFAULTS.openForMs * DEFAULTS.backoffMaxFactor,
        backoffRefused: DEFAULTS.backoffRefused,
        jitter: 0,
        rampUpMs: 0,
        stabilityMs: DEFAULTS.stabilityMs,
        maxConcurrent: Infinity,
        shed: undefined,
        trials: 3,
        leaseMs: 30_000,
        mode: 'enforce',
      },
    });
  });

  it('of adaptive are the same where it is listed, and the same object where nothing is', () => {
    expect(config({ trip: { adaptive: {} } }).trip).toEqual({ adaptive: ADAPTIVE });
    expect(config({}).trip).toBe(config({ openFor: '1s' }).trip);
  });

  it('of latencySlo', () => {
    expect(config({ trip: { latencySlo: { limit: '25ms' } } }).trip.latencySlo).toEqual({
      percentile: 0.99,
      limitMs: 25,
      window: { durationMs: 10_000, slices: 10 },
      minCalls: 20,
      confidence: 0.999,
    });
  });

  it('of shed; what sheds has no trip condition', () => {
    expect(config({ shed: {} })).toMatchObject({ trip: {}, shed: { k: 2, window: { durationMs: 30_000, slices: 10 } } });
    expect(config({ shed: {} }).trip).toEqual({});
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
      percentile: 0.99,
      confidence: 0.999,
      falseTripEvery: 10_000_000,
      unhealthy: 0.2,
      slowdown: 3,
      slowdownFloorMs: 1,
      blipMs: 100,
      warmUp: 1_000,
      halfLifeMs: 600_000,
      adoptAfter: 60,
      shedK: 2,
      shedWindowMs: 30_000,
      failureRate: 0.5,
      slowCallRate: 0.5,
      windowMs: 10_000,
      slices: 10,
      minCalls: 20,
      openForMs: 200,
      backoffFactor: 2,
      backoffMaxFactor: 25,
      backoffRefused: 300,
      policyJitter: 0.2,
      policyRampUpMs: 500,
      stabilityMs: 10_000,
      trials: 3,
      leaseMs: 30_000,
      mode: 'enforce',
      maxBreakers: 10_000,
    });
  });

  it('do not add a condition to those that are listed', () => {
    expect(Object.keys(config({ trip: { failureRate: {} } }).trip)).toEqual(['failureRate']);
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
      latencySlo: { percentile: '95%', limit: '40ms', window: { calls: 500 }, minCalls: 50, confidence: 0.99 },
      adaptive: {
        falseTripEvery: 5_000,
        unhealthy: '10%',
        slowdown: 2,
        slowdownFloor: '3ms',
        blip: '50ms',
        warmUp: 200,
        halfLife: '1m',
        adoptAfter: 4,
      },
    },
    openFor: '1s',
    backoff: { factor: 1.5, max: '2m', refused: 40 },
    jitter: '10%',
    trials: 1,
    lease: '500ms',
    rampUp: '3s',
    stability: '20s',
    maxConcurrent: 64,
    mode: 'observe',
  } as const;
  expect(parseBareBreaker(options)).toEqual({
    name: 'prices',
    config: {
      trip: {
        consecutiveFailures: { threshold: 7 },
        failureRate: { threshold: 0.3, window: { calls: 100 }, minCalls: 10 },
        slowCallRate: { slowerThanMs: 15, threshold: 0.25, window: { durationMs: 2_000, slices: 4 }, minCalls: 5 },
        latencySlo: { percentile: 0.95, limitMs: 40, window: { calls: 500 }, minCalls: 50, confidence: 0.99 },
        adaptive: {
          falseTripEvery: 5_000,
          unhealthy: 0.1,
          slowdown: 2,
          slowdownFloorMs: 3,
          blipMs: 50,
          warmUp: 200,
          halfLifeMs: 60_000,
          adoptAfter: 4,
        },
      },
      openForMs: 1_000,
      backoffFactor: 1.5,
      backoffMaxMs: 120_000,
      backoffRefused: 40,
      jitter: 0.1,
      trials: 1,
      leaseMs: 500,
      rampUpMs: 3_000,
      stabilityMs: 20_000,
      maxConcurrent: 64,
      shed: undefined,
      mode: 'observe',
    },
  });
});

it('takes 0 for no burst, no ramp and no stability', () => {
  const none = config({ trip: { adaptive: { blip: 0 } }, rampUp: 0, stability: 0 });
  expect(none).toMatchObject({ trip: { adaptive: { blipMs: 0 } }, rampUpMs: 0, stabilityMs: 0 });
});

it('takes the options of shed', () => {
  expect(config({ shed: { k: 1.1, window: '1m' } }).shed).toEqual({ k: 1.1, window: { durationMs: 60_000, slices: 10 } });
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
    'lists no condition; list at least one of adaptive, latencySlo, consecutiveFailures, failureRate, slowCallRate, signal, prometheus, or leave trip out';

  it.each<[unknown, string]>([
    [{ name: '' }, 'name: is ""; expected a name'],
    [{ name: 5 }, 'name: is 5; expected a name'],
    [{ openFor: 5_000 }, `openFor: 5000 ${NOT_A_DURATION}`],
    [{ openFor: '5 seconds' }, `openFor: "5 seconds" ${NOT_A_DURATION}`],
    [{ openFor: null }, `openFor: null ${NOT_A_DURATION}`],
    [{ lease: '0s' }, 'lease: "0s" is zero; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
    [{ jitter: '120%' }, `jitter: "120%" ${NOT_A_SHARE}`],
    [{ jitter: -1 }, `jitter: -1 ${NOT_A_SHARE}`],
    [{ trials: 0 }, 'trials: is 0; expected at least 1 (trials)'],
    [{ trials: 1.5 }, 'trials: is 1.5; expected a whole number of trials, at least 1'],
    [{ trials: '3' }, 'trials: is "3"; expected a whole number of trials, at least 1'],
    [{ trials: 1_001 }, 'trials: is 1001; expected at most 1000 trials'],
    [{ mode: 'on' }, 'mode: is "on"; expected enforce, observe or off'],
    [{ backoff: { factor: 0.5 } }, 'backoff.factor: is 0.5; expected a number of at least 1'],
    [{ backoff: { factor: 'two' } }, 'backoff.factor: is "two"; expected a number of at least 1'],
    [{ backoff: { max: 60 } }, `backoff.max: 60 ${NOT_A_DURATION}`],
    [
      { backoff: { max: '100ms' } },
      `backoff.max: is 100 ms, shorter than openFor (${DEFAULTS.openForMs} ms); expected at least as long`,
    ],
    [{ backoff: { refused: 0 } }, 'backoff.refused: is 0; expected at least 1 (refused calls)'],
    [{ rampUp: 5 }, 'rampUp: is 5; expected a duration such as "100ms", or 0 for none'],
    [{ stability: -1 }, 'stability: is -1; expected a duration such as "100ms", or 0 for none'],
    [{ maxConcurrent: 0 }, 'maxConcurrent: is 0; expected at least 1 (calls)'],
    [{ maxConcurrent: 2.5 }, 'maxConcurrent: is 2.5; expected a whole number of calls, at least 1'],
    [{ shed: { k: 0.9 } }, 'shed.k: is 0.9; expected a number from 1 to 100'],
    [{ shed: { window: 30 } }, `shed.window: 30 ${NOT_A_DURATION}`],
    [
      { shed: {}, trip: { consecutiveFailures: 5 } },
      'shed: stands beside trip; a breaker sheds a share of calls, or it opens: remove one of them',
    ],
    [
      { trip: { adaptive: { unhealthy: 0.019 } } },
      'trip.adaptive.unhealthy: 0.019 is under 2%; expected a share from 2% to 100%, such as "20%"',
    ],
    [
      { trip: { adaptive: { falseTripEvery: 999 } } },
      'trip.adaptive.falseTripEvery: is 999; expected a number of calls from 1000 to 1e12',
    ],
    [
      { trip: { adaptive: { falseTripEvery: Infinity } } },
      'trip.adaptive.falseTripEvery: is Infinity; expected a number of calls from 1000 to 1e12',
    ],
    [{ trip: { adaptive: { slowdown: 1 } } }, 'trip.adaptive.slowdown: is 1; expected a factor from 1.5 to 1000'],
    [{ trip: { adaptive: { slowdownFloor: 0 } } }, `trip.adaptive.slowdownFloor: 0 ${NOT_A_DURATION}`],
    [{ trip: { adaptive: { blip: 100 } } }, 'trip.adaptive.blip: is 100; expected a duration such as "100ms", or 0 for none'],
    [{ trip: { adaptive: { warmUp: 99 } } }, 'trip.adaptive.warmUp: is 99; expected at least 100 calls'],
    [{ trip: { adaptive: { warmUp: 1e7 } } }, 'trip.adaptive.warmUp: is 10000000; expected at most 1000000 calls'],
    [{ trip: { adaptive: { halfLife: '0s' } } }, expect.stringMatching(/^trip\.adaptive\.halfLife: "0s" is zero/)],
    [{ trip: { adaptive: { adoptAfter: 0 } } }, 'trip.adaptive.adoptAfter: is 0; expected at least 1 (rounds)'],
    [{ trip: { adaptive: { blib: '1ms' } } }, 'trip.adaptive.blib: is not an option here; did you mean "blip"?'],
    [{ trip: { latencySlo: {} } }, expect.stringMatching(/^trip\.latencySlo\.limit: is missing; expected a duration/)],
    [{ trip: { latencySlo: { limit: '1ms', percentile: 1 } } }, expect.stringMatching(/^trip\.latencySlo\.percentile: /)],
    [{ trip: { latencySlo: { limit: '1ms', percentile: 99 } } }, expect.stringMatching(/^trip\.latencySlo\.percentile: /)],
    [{ trip: { latencySlo: { limit: '1ms', confidence: 0 } } }, expect.stringMatching(/^trip\.latencySlo\.confidence: /)],
    [
      { openFor: '10s', backoff: { max: '9.5s' } },
      'backoff.max: is 9500 ms, shorter than openFor (10000 ms); expected at least as long',
    ],
    [{ trip: {} }, `trip: ${NO_CONDITION}`],
    [{ trip: { consecutiveFailures: undefined } }, `trip: ${NO_CONDITION}`],
    [{ trip: { consecutiveFailures: 0 } }, 'trip.consecutiveFailures: is 0; expected at least 1 (failures)'],
    [{ trip: { consecutiveFailures: 2.5 } }, 'trip.consecutiveFailures: is 2.5; expected a whole number of failures, at least 1'],
    [
      { trip: { consecutiveFailures: Number.NaN } },
      'trip.consecutiveFailures: is NaN; expected a whole number of failures, at least 1',
    ],
    [
      { trip: { failureRate: { threshold: 0 } } },
      'trip.failureRate.threshold: is zero, which every call reaches; expected a share over 0, such as "50%"',
    ],
    [{ trip: { failureRate: { threshold: 50 } } }, `trip.failureRate.threshold: 50 ${NOT_A_SHARE}`],
    [{ trip: { failureRate: { minCalls: 0 } } }, 'trip.failureRate.minCalls: is 0; expected at least 1 (calls)'],
    [{ trip: { failureRate: { window: 10 } } }, `trip.failureRate.window: is 10; ${WINDOW}`],
    [{ trip: { failureRate: { window: '10' } } }, `trip.failureRate.window: is "10"; ${WINDOW}`],
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
    [{ trip: { slowCallRate: {} } }, expect.stringMatching(/^trip\.slowCallRate\.slowerThan: is missing; expected a duration/)],
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
    [{ backoff: { maximum: '5s' } }, 'backoff.maximum: is not an option here; known options: factor, max, refused'],
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

it('lists a minCalls that its window never holds beside what else is wrong with it', () => {
  const trip = { failureRate: { threshold: 'half', window: { calls: 10 }, minCalls: 20 } };
  const paths = problemsOf(() => parseBareBreaker({ trip })).map((problem) => problem.split(':')[0]);
  expect(paths).toEqual(['trip.failureRate.threshold', 'trip.failureRate.minCalls']);
});
