import type { Attributes } from '@opentelemetry/api';
import type { WindowConfig } from '../core/options.ts';
import type { Verdict } from '../core/verdict.ts';
import { VERDICT_ATTRIBUTES as A } from './names.ts';

function windowAttributes(window: WindowConfig): Attributes {
  return 'calls' in window ? { [A.windowCalls]: window.calls } : { [A.windowDuration]: window.durationMs / 1000 };
}

/** The numbers that a change of state was decided on, each as an attribute of its own. */
export function verdictAttributes(verdict: Verdict): Attributes {
  switch (verdict.reason) {
    case 'consecutiveFailures':
      return { [A.failures]: verdict.failures, [A.threshold]: verdict.threshold };
    case 'failureRate': {
      const { failures, calls, rate, threshold, window } = verdict;
      return { [A.failures]: failures, [A.calls]: calls, [A.rate]: rate, [A.threshold]: threshold, ...windowAttributes(window) };
    }
    case 'slowCallRate': {
      const { slow, calls, rate, threshold, slowerThanMs, window } = verdict;
      const limit = { [A.slowerThan]: slowerThanMs / 1000 };
      return {
        [A.slow]: slow,
        [A.calls]: calls,
        [A.rate]: rate,
        [A.threshold]: threshold,
        ...limit,
        ...windowAttributes(window),
      };
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
