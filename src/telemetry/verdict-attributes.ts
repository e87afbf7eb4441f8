import type { Attributes } from '@opentelemetry/api';
import type { WindowConfig } from '../core/options.ts';
import type { BaselineSnapshot } from '../core/trip/learned.ts';
import type { AdaptiveVerdict, BadCall, Evidence, LatencySloVerdict, SignalVerdict, Verdict } from '../core/verdict.ts';
import { statusName } from '../policy/status-codes.ts';
import { VERDICT_ATTRIBUTES as A } from './names.ts';

function windowAttributes(window: WindowConfig): Attributes {
  return 'calls' in window ? { [A.windowCalls]: window.calls } : { [A.windowDuration]: window.durationMs / 1000 };
}

/** The numbers that a change of state was decided on, each as an attribute of its own, and what was seen before. */
export function verdictAttributes(verdict: Verdict): Attributes {
  const evidence = 'evidence' in verdict ? verdict.evidence : undefined;
  const own = ownAttributes(verdict);
  return evidence === undefined ? own : { ...own, ...evidenceAttributes(evidence) };
}

function evidenceAttributes({ spanMs, bad, codes, calls }: Evidence): Attributes {
  return {
    [A.evidenceSpan]: spanMs / 1000,
    [A.evidenceBad]: bad,
    [A.evidenceCodes]: Object.entries(codes).map(([code, count]) => `${statusName(Number(code))} ${count}`),
    [A.evidenceCalls]: calls.map(callText),
  };
}

/** Such as `DEADLINE_EXCEEDED after 20 ms`, or `slow: 35 ms` for one that had not ended, or ended well. */
function callText({ durationMs, failed, code }: BadCall): string {
  const took = durationMs < 0 ? 'an unknown time' : `${Number(durationMs.toPrecision(3))} ms`;
  if (!failed) return `slow: ${took}`;
  return `${code < 0 ? 'failed' : statusName(code)} after ${took}`;
}

function baselineAttributes({ calls, errorRate, slowRate, latencyMs }: BaselineSnapshot): Attributes {
  const latency = latencyMs === undefined ? {} : { [A.baselineLatency]: latencyMs / 1000 };
  return { [A.baselineCalls]: calls, [A.baselineErrorRate]: errorRate, [A.baselineSlowRate]: slowRate, ...latency };
}

function slowerThan(ms: number | undefined): Attributes {
  return ms === undefined ? {} : { [A.slowerThan]: ms / 1000 };
}

function adaptiveAttributes(verdict: AdaptiveVerdict): Attributes {
  const { hits, calls, rate, usualRate, unhealthyRate, score, threshold, slowerThanMs, suspectedForMs, baseline } = verdict;
  return {
    [A.of]: verdict.of,
    [A.hits]: hits,
    [A.calls]: calls,
    [A.rate]: rate,
    [A.usualRate]: usualRate,
    [A.unhealthyRate]: unhealthyRate,
    [A.score]: score,
    [A.threshold]: threshold,
    [A.suspectedFor]: suspectedForMs / 1000,
    ...slowerThan(slowerThanMs),
    ...baselineAttributes(baseline),
  };
}

function sloAttributes({ slow, calls, percentile, latencyMs, limitMs, confidence, window }: LatencySloVerdict): Attributes {
  return {
    [A.slow]: slow,
    [A.calls]: calls,
    [A.percentile]: percentile,
    [A.latency]: latencyMs / 1000,
    [A.limit]: limitMs / 1000,
    [A.confidence]: confidence,
    ...windowAttributes(window),
  };
}

function signalAttributes({ signal, message, value, threshold }: SignalVerdict): Attributes {
  return {
    [A.signal]: signal,
    [A.message]: message,
    ...(value === undefined ? {} : { [A.value]: value }),
    ...(threshold === undefined ? {} : { [A.threshold]: threshold }),
  };
}

function ownAttributes(verdict: Verdict): Attributes {
  switch (verdict.reason) {
    case 'consecutiveFailures':
      return { [A.failures]: verdict.failures, [A.threshold]: verdict.threshold };
    case 'failureRate':
    case 'slowCallRate': {
      const { calls, rate, threshold, window } = verdict;
      const hits = verdict.reason === 'failureRate' ? { [A.failures]: verdict.failures } : { [A.slow]: verdict.slow };
      const limit = verdict.reason === 'failureRate' ? {} : slowerThan(verdict.slowerThanMs);
      return { ...hits, [A.calls]: calls, [A.rate]: rate, [A.threshold]: threshold, ...limit, ...windowAttributes(window) };
    }
    case 'latencySlo':
      return sloAttributes(verdict);
    case 'adaptive':
      return adaptiveAttributes(verdict);
    case 'trialsFailed': {
      const { trials, failures, slow, slowerThanMs } = verdict;
      return { [A.trials]: trials, [A.failures]: failures, [A.slow]: slow, ...slowerThan(slowerThanMs) };
    }
    case 'rampFailed':
      return { [A.failures]: verdict.failures, [A.calls]: verdict.calls, [A.threshold]: verdict.threshold };
    case 'signal':
      return signalAttributes(verdict);
    case 'baselineAdopted': {
      const { latencyMs, beforeMs, rounds } = verdict;
      return { [A.latency]: latencyMs / 1000, [A.latencyBefore]: beforeMs / 1000, [A.rounds]: rounds };
    }
    case 'trialFailed':
      return { [A.duration]: verdict.durationMs / 1000 };
    case 'trialSlow':
      return { [A.duration]: verdict.durationMs / 1000, [A.slowerThan]: verdict.slowerThanMs / 1000 };
    case 'trialExpired':
      return { [A.lease]: verdict.leaseMs / 1000 };
    case 'openPeriodOver':
      return { [A.openDuration]: verdict.openMs / 1000 };
    case 'trialsSucceeded':
      return { [A.trials]: verdict.trials };
    case 'manual':
    case 'forced':
      return { [A.message]: verdict.message };
    case 'reset':
      return {};
  }
}
