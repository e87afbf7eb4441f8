import { expect, it } from 'vitest';
import { describeVerdict } from '../../src/core/describe-verdict.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const time = { durationMs: 10_000, slices: 10 };

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
