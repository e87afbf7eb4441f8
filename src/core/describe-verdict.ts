import type { WindowConfig } from './options.ts';
import type { Verdict } from './verdict.ts';

/** To a tenth of a percent; small ones to one digit, so that they are not told as none. */
function percent(share: number): string {
  return `${share < 0.001 ? Number((share * 100).toPrecision(1)) : Math.round(share * 1000) / 10}%`;
}

/** Milliseconds as people write them: whole ones from 10 on, three digits below. */
function ms(value: number): string {
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(3))} ms`;
}

function windowText(window: WindowConfig): string {
  return 'calls' in window ? `the last ${window.calls}` : `${window.durationMs} ms`;
}

/** A verdict in one line for people, such as `failureRate 60% of 20 calls in 10000 ms (trips at 50%)`. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.reason) {
    case 'consecutiveFailures':
      return `${verdict.failures} failures in a row (trips at ${verdict.threshold})`;
    case 'failureRate':
      return `failureRate ${percent(verdict.rate)} of ${verdict.calls} calls in ${windowText(verdict.window)} (trips at ${percent(verdict.threshold)})`;
    case 'slowCallRate':
      return `slowCallRate ${percent(verdict.rate)} of ${verdict.calls} calls over ${verdict.slowerThanMs} ms in ${windowText(verdict.window)} (trips at ${percent(verdict.threshold)})`;
    case 'latencySlo':
      return `P${Number((verdict.percentile * 100).toPrecision(12))} ${ms(verdict.latencyMs)} over ${ms(verdict.limitMs)}: ${verdict.slow} of ${verdict.calls} calls slower in ${windowText(verdict.window)}`;
    case 'adaptive': {
      const what = verdict.of === 'errors' ? 'failed' : `took over ${ms(verdict.slowerThanMs ?? 0)}`;
      return `${verdict.hits} of ${verdict.calls} calls ${what} within ${ms(verdict.suspectedForMs)} (usual: at most ${percent(verdict.usualRate)})`;
    }
    case 'trialsFailed': {
      const slow = verdict.slowerThanMs === undefined ? '' : `, ${verdict.slow} took over ${ms(verdict.slowerThanMs)}`;
      return `of ${verdict.trials} trials ${verdict.failures} failed${slow}`;
    }
    case 'rampFailed':
      return `${verdict.failures} of ${verdict.calls} calls failed while traffic came back (opens at ${percent(verdict.threshold)})`;
    case 'signal':
      return `signal ${verdict.signal}: ${verdict.message}`;
    case 'baselineAdopted':
      return `${ms(verdict.latencyMs)} is the usual latency now (was ${ms(verdict.beforeMs)}): ${verdict.rounds} rounds of trials all succeeded`;
    case 'trialFailed':
      return `a trial failed after ${Math.round(verdict.durationMs)} ms`;
    case 'trialSlow':
      return `a trial took ${Math.round(verdict.durationMs)} ms (slow over ${verdict.slowerThanMs} ms)`;
    case 'trialExpired':
      return `a trial had no answer for ${Math.round(verdict.leaseMs)} ms`;
    case 'manual':
      return `tripped by hand: ${verdict.message}`;
    case 'openPeriodOver':
      return `open for ${Math.round(verdict.openMs)} ms, letting trials through`;
    case 'trialsSucceeded':
      return `${verdict.trials} trials succeeded`;
    case 'forced':
      return `forced: ${verdict.message}`;
    case 'reset':
      return 'reset';
  }
}
