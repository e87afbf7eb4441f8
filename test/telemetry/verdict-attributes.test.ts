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
  latencySlo: [
    {
      reason: 'latencySlo',
      slow: 9,
      calls: 100,
      percentile: 0.99,
      latencyMs: 40,
      limitMs: 25,
      confidence: 0.999,
      window: timeWindow,
    },
    { slow: 9, calls: 100, percentile: 0.99, latency: 0.04, limit: 0.025, confidence: 0.999, 'window.duration': 10 },
  ],
  adaptive: [
    {
      reason: 'adaptive',
      of: 'slowness',
      hits: 9,
      calls: 30,
      rate: 0.3,
      usualRate: 0.002,
      unhealthyRate: 0.6,
      score: 9.5,
      threshold: 8.25,
      slowerThanMs: 24,
      suspectedForMs: 150,
      baseline: { calls: 5_000, errorRate: 0.001, slowRate: 0.0015, latencyMs: 8 },
    },
    {
      of: 'slowness',
      hits: 9,
      calls: 30,
      rate: 0.3,
      usual_rate: 0.002,
      unhealthy_rate: 0.6,
      score: 9.5,
      threshold: 8.25,
      slower_than: 0.024,
      suspected_for: 0.15,
      'baseline.calls': 5_000,
      'baseline.error_rate': 0.001,
      'baseline.slow_rate': 0.0015,
      'baseline.latency': 0.008,
    },
  ],
  trialsFailed: [
    { reason: 'trialsFailed', trials: 4, failures: 1, slow: 2, slowerThanMs: 24 },
    { trials: 4, failures: 1, slow: 2, slower_than: 0.024 },
  ],
  rampFailed: [
    { reason: 'rampFailed', failures: 3, calls: 5, threshold: 0.5 },
    { failures: 3, calls: 5, threshold: 0.5 },
  ],
  signal: [
    { reason: 'signal', signal: 'gpuHot', message: '92 over 90', value: 92, threshold: 90 },
    { signal: 'gpuHot', message: '92 over 90', value: 92, threshold: 90 },
  ],
  baselineAdopted: [
    { reason: 'baselineAdopted', latencyMs: 40, beforeMs: 8, rounds: 60 },
    { latency: 0.04, latency_before: 0.008, rounds: 60 },
  ],
};

describe('verdictAttributes', () => {
  it.each(Object.values(CASES))('tells the numbers of %o', (verdict, expected) => {
    const named = Object.fromEntries(Object.entries(expected).map(([name, value]) => [`${P}verdict.${name}`, value]));
    expect(verdictAttributes(verdict)).toEqual(named);
  });

  it('leaves out what is not known: a limit, a usual latency, a value of a signal', () => {
    const names = (verdict: Verdict) => Object.keys(verdictAttributes(verdict)).map((name) => name.slice(`${P}verdict.`.length));
    const [adaptive] = CASES.adaptive;
    const baseline = { ...adaptive.baseline, latencyMs: undefined };
    expect(names({ ...adaptive, of: 'errors', slowerThanMs: undefined, baseline })).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^slower_than|baseline\.latency$/)]),
    );
    expect(names({ reason: 'trialsFailed', trials: 1, failures: 1, slow: 0, slowerThanMs: undefined })).not.toContain(
      'slower_than',
    );
    expect(names({ reason: 'signal', signal: 'deploy', message: 'fires' })).toEqual(['signal', 'message']);
  });

  it('tells what was seen before a trip', () => {
    const calls = [
      { atMs: 1, durationMs: 20.04, failed: true, code: 4 },
      { atMs: 2, durationMs: 35, failed: false, code: -1 },
      { atMs: 3, durationMs: -1, failed: true, code: -1 },
    ];
    const evidence = { spanMs: 1_500, bad: 7, codes: { 4: 5, 14: 1 }, calls };
    expect(verdictAttributes({ reason: 'trialFailed', durationMs: 20, evidence })).toEqual({
      [`${P}verdict.duration`]: 0.02,
      [`${P}verdict.evidence.span`]: 1.5,
      [`${P}verdict.evidence.bad`]: 7,
      [`${P}verdict.evidence.codes`]: ['DEADLINE_EXCEEDED 5', 'UNAVAILABLE 1'],
      [`${P}verdict.evidence.calls`]: ['DEADLINE_EXCEEDED after 20 ms', 'slow: 35 ms', 'failed after an unknown time'],
    });
  });
});
