import { expect, it } from 'vitest';
import { describeVerdict } from '../../src/core/describe-verdict.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const time = { durationMs: 10_000, slices: 10 };

const ADAPTIVE: Verdict = {
  reason: 'adaptive',
  of: 'errors',
  hits: 9,
  calls: 12,
  rate: 0.75,
  usualRate: 0.005,
  unhealthyRate: 0.2,
  score: 12,
  threshold: 11,
  slowerThanMs: 15.2,
  suspectedForMs: 40,
  baseline: { calls: 5_000, errorRate: 0.002, slowRate: 0.001, latencyMs: 5 },
};

it.each<[Verdict, string]>([
  [{ reason: 'consecutiveFailures', failures: 5, threshold: 5 }, '5 failures in a row (trips at 5)'],
  [
    { reason: 'failureRate', failures: 12, calls: 20, rate: 0.6, threshold: 0.5, window: time },
    'failureRate 60% of 20 calls in 10000 ms (trips at 50%)',
  ],
  [
    { reason: 'failureRate', failures: 1, calls: 3, rate: 1 / 3, threshold: 0.3, window: { calls: 100 } },
    'failureRate 33.3% of 3 calls in the last 100 (trips at 30%)',
  ],
  [
    { reason: 'slowCallRate', slow: 29, calls: 100, rate: 0.29, threshold: 0.07, slowerThanMs: 25, window: { calls: 100 } },
    'slowCallRate 29% of 100 calls over 25 ms in the last 100 (trips at 7%)',
  ],
  [
    {
      reason: 'latencySlo',
      slow: 31,
      calls: 1_000,
      percentile: 0.999,
      latencyMs: 33.4,
      limitMs: 25,
      confidence: 0.999,
      window: time,
    },
    'P99.9 33 ms over 25 ms: 31 of 1000 calls slower in 10000 ms',
  ],
  [
    {
      reason: 'latencySlo',
      slow: 3,
      calls: 90_000,
      percentile: 0.99999,
      latencyMs: 40,
      limitMs: 25,
      confidence: 0.999,
      window: time,
    },
    'P99.999 40 ms over 25 ms: 3 of 90000 calls slower in 10000 ms',
  ],
  [{ ...ADAPTIVE, usualRate: 1.1e-4 }, '9 of 12 calls failed within 40 ms (usual: at most 0.01%)'],
  [ADAPTIVE, '9 of 12 calls failed within 40 ms (usual: at most 0.5%)'],
  [{ ...ADAPTIVE, of: 'slowness' }, '9 of 12 calls took over 15 ms within 40 ms (usual: at most 0.5%)'],
  [{ reason: 'trialsFailed', trials: 4, failures: 1, slow: 0, slowerThanMs: undefined }, 'of 4 trials 1 failed'],
  [{ reason: 'trialsFailed', trials: 4, failures: 0, slow: 2, slowerThanMs: 7.256 }, 'of 4 trials 0 failed, 2 took over 7.26 ms'],
  [{ reason: 'rampFailed', failures: 3, calls: 5, threshold: 0.5 }, '3 of 5 calls failed while traffic came back (opens at 50%)'],
  [{ reason: 'signal', signal: 'p99', message: '31 over 25' }, 'signal p99: 31 over 25'],
  [
    { reason: 'baselineAdopted', latencyMs: 50, beforeMs: 5.67, rounds: 20 },
    '50 ms is the usual latency now (was 5.67 ms): 20 rounds of trials all succeeded',
  ],
  [{ reason: 'trialFailed', durationMs: 19.6 }, 'a trial failed after 20 ms'],
  [{ reason: 'trialSlow', durationMs: 30.4, slowerThanMs: 25 }, 'a trial took 30 ms (slow over 25 ms)'],
  [{ reason: 'trialExpired', leaseMs: 200 }, 'a trial had no answer for 200 ms'],
  [{ reason: 'manual', message: 'errors in Prometheus' }, 'tripped by hand: errors in Prometheus'],
  [{ reason: 'openPeriodOver', openMs: 5_000.3 }, 'open for 5000 ms, letting trials through'],
  [{ reason: 'trialsSucceeded', trials: 3 }, '3 trials succeeded'],
  [{ reason: 'forced', message: 'database migration' }, 'forced: database migration'],
  [{ reason: 'reset' }, 'reset'],
])('%o', (verdict, text) => {
  expect(describeVerdict(verdict)).toBe(text);
});
