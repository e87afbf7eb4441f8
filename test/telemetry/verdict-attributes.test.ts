import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { verdictAttributes } from '../../src/telemetry/verdict-attributes.ts';
import { P } from './harness/names.ts';

const timeWindow = { durationMs: 10_000, slices: 10 };

/** Each verdict and what is said of its numbers: durations in seconds, shares from 0 to 1. */
const CASES: { [Reason in Verdict['reason']]: [Extract<Verdict, { reason: Reason }>, Record<string, unknown>] } = {
  consecutiveFailures: [
    { reason: 'consecutiveFailures', failures: 5, threshold: 5 },
    { failures: 5, threshold: 5 },
  ],
  failureRate: [
    { reason: 'failureRate', failures: 6, calls: 10, rate: 0.6, threshold: 0.5, window: timeWindow },
    { failures: 6, calls: 10, rate: 0.6, threshold: 0.5, 'window.duration': 10 },
  ],
  slowCallRate: [
    { reason: 'slowCallRate', slow: 6, calls: 10, rate: 0.6, threshold: 0.5, slowerThanMs: 25, window: { calls: 10 } },
    { slow: 6, calls: 10, rate: 0.6, threshold: 0.5, slower_than: 0.025, 'window.calls': 10 },
  ],
  trialFailed: [{ reason: 'trialFailed', durationMs: 20 }, { duration: 0.02 }],
  trialSlow: [
    { reason: 'trialSlow', durationMs: 40, slowerThanMs: 25 },
    { duration: 0.04, slower_than: 0.025 },
  ],
  trialExpired: [{ reason: 'trialExpired', leaseMs: 30_000 }, { lease: 30 }],
  manual: [{ reason: 'manual', message: 'maintenance' }, { message: 'maintenance' }],
  openPeriodOver: [{ reason: 'openPeriodOver', openMs: 5_250 }, { open_duration: 5.25 }],
  trialsSucceeded: [{ reason: 'trialsSucceeded', trials: 3 }, { trials: 3 }],
  forced: [{ reason: 'forced', message: 'incident' }, { message: 'incident' }],
  reset: [{ reason: 'reset' }, {}],
};

describe('verdictAttributes', () => {
  it.each(Object.values(CASES))('tells the numbers of %o', (verdict, expected) => {
    const named = Object.fromEntries(Object.entries(expected).map(([name, value]) => [`${P}verdict.${name}`, value]));
    expect(verdictAttributes(verdict)).toEqual(named);
  });
});
