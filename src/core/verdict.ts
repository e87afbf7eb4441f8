import type { WindowConfig } from './options.ts';

/** So many failures in a row. */
export interface ConsecutiveFailuresVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'consecutiveFailures';
  /** Failures in a row. */
  readonly failures: number;
  /** How many trip. */
  readonly threshold: number;
}

/** Too large a share of failures. */
export interface FailureRateVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'failureRate';
  /** Failures in the window. */
  readonly failures: number;
  /** Results in the window. */
  readonly calls: number;
  /** The share of failures, 0..1. */
  readonly rate: number;
  /** The share that trips, 0..1. */
  readonly threshold: number;
  /** The window it was seen in. */
  readonly window: WindowConfig;
}

/** Too large a share of slow calls. */
export interface SlowCallRateVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'slowCallRate';
  /** Slow calls in the window. */
  readonly slow: number;
  /** Results in the window. */
  readonly calls: number;
  /** The share of slow calls, 0..1. */
  readonly rate: number;
  /** The share that trips, 0..1. */
  readonly threshold: number;
  /** Over this many milliseconds a call is slow. */
  readonly slowerThanMs: number;
  /** The window it was seen in. */
  readonly window: WindowConfig;
}

/** What a trip condition found. */
export type ConditionVerdict = ConsecutiveFailuresVerdict | FailureRateVerdict | SlowCallRateVerdict;

/** A trial in half-open failed. */
export interface TrialFailedVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'trialFailed';
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A trial in half-open was answered, but slowly. */
export interface TrialSlowVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'trialSlow';
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Over this many milliseconds it is slow. */
  readonly slowerThanMs: number;
}

/** A trial in half-open had no answer when its lease ended. */
export interface TrialExpiredVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'trialExpired';
  /** How long it was waited for, in milliseconds. */
  readonly leaseMs: number;
}

/** Tripped by code or a person, through `trip(reason)`. */
export interface ManualVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'manual';
  /** What they said. */
  readonly message: string;
}

/** The open period is over, and a call came. */
export interface OpenPeriodOverVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'openPeriodOver';
  /** How long it was open, in milliseconds. */
  readonly openMs: number;
}

/** All trials succeeded. */
export interface TrialsSucceededVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'trialsSucceeded';
  /** How many there were. */
  readonly trials: number;
}

/** A person's override did it. */
export interface ForcedVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'forced';
  /** What they said. */
  readonly message: string;
}

/** `reset()` was called. */
export interface ResetVerdict {
  /** Tells verdicts apart. */
  readonly reason: 'reset';
}

/** Why a breaker changed its state, with the numbers it was decided on. Tell them apart by `reason`. */
export type Verdict =
  | ConditionVerdict
  | TrialFailedVerdict
  | TrialSlowVerdict
  | TrialExpiredVerdict
  | ManualVerdict
  | OpenPeriodOverVerdict
  | TrialsSucceededVerdict
  | ForcedVerdict
  | ResetVerdict;

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
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
