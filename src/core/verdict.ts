import type { WindowConfig } from './options.ts';
import type { BaselineSnapshot } from './trip/learned.ts';

/** One of the calls that spoke against the dependency. */
export interface BadCall {
  /** When it ended, or was found to be slow, on the breaker's clock, in milliseconds. */
  readonly atMs: number;
  /** How long it had taken by then, in milliseconds; negative where that is not known. */
  readonly durationMs: number;
  /** Whether it failed; else it was only slow. */
  readonly failed: boolean;
  /** What its caller called its end, such as a gRPC status code; -1 without one, and while it was still under way. */
  readonly code: number;
}

/** What was seen before a breaker opened. */
export interface Evidence {
  /** Milliseconds from the first failed or slow call since the last change of state, or since the last quiet time, to the last. */
  readonly spanMs: number;
  /** Failed and slow calls in that span. */
  readonly bad: number;
  /** How often failed calls ended with which code. */
  readonly codes: Readonly<Record<number, number>>;
  /** The last of them, at most 8, the oldest first. A call that was slow while under way and then failed stands here twice. */
  readonly calls: readonly BadCall[];
}

/** What every verdict may carry. */
export interface VerdictBase {
  /** What was seen in the state that it left, where the breaker opened and something was: also where code or a signal opened it, and however long before. */
  readonly evidence?: Evidence | undefined;
}

/** So many failures in a row. */
export interface ConsecutiveFailuresVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'consecutiveFailures';
  /** Failures in a row. */
  readonly failures: number;
  /** How many trip. */
  readonly threshold: number;
}

/** Too large a share of failures. */
export interface FailureRateVerdict extends VerdictBase {
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
export interface SlowCallRateVerdict extends VerdictBase {
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

/** A latency percentile is over its limit, and chance does not explain it. */
export interface LatencySloVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'latencySlo';
  /** Calls in the window that were slower than the limit. */
  readonly slow: number;
  /** Results in the window. */
  readonly calls: number;
  /** Which percentile, 0..1. */
  readonly percentile: number;
  /** The percentile in the window, in milliseconds, to within 3 %. */
  readonly latencyMs: number;
  /** What it must not exceed, in milliseconds. */
  readonly limitMs: number;
  /** How sure it is. */
  readonly confidence: number;
  /** The window it was seen in. */
  readonly window: WindowConfig;
}

/** More failures, or more slow calls, than usual. */
export interface AdaptiveVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'adaptive';
  /** What there was too much of. */
  readonly of: 'errors' | 'slowness';
  /** Failed, or slow, calls since the suspicion began. */
  readonly hits: number;
  /** Results since then. */
  readonly calls: number;
  /** Their share, 0..1. */
  readonly rate: number;
  /** The share that is usual, at its upper confidence bound, 0..1. */
  readonly usualRate: number;
  /** The share that must be caught, 0..1. */
  readonly unhealthyRate: number;
  /** The evidence (log likelihood ratio), in nats. */
  readonly score: number;
  /** At which evidence it trips, in nats. */
  readonly threshold: number;
  /** Over this many milliseconds a call is slow; undefined before a usual latency is known. */
  readonly slowerThanMs: number | undefined;
  /** Milliseconds since the suspicion began. */
  readonly suspectedForMs: number;
  /** What was usual. */
  readonly baseline: BaselineSnapshot;
}

/** What a trip condition found. */
export type ConditionVerdict =
  | ConsecutiveFailuresVerdict
  | FailureRateVerdict
  | SlowCallRateVerdict
  | LatencySloVerdict
  | AdaptiveVerdict;

/** Half-open trials, judged together, are as bad as those of a sick dependency. */
export interface TrialsFailedVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'trialsFailed';
  /** Trials that ended. */
  readonly trials: number;
  /** Those that failed. */
  readonly failures: number;
  /** Those that were slow. */
  readonly slow: number;
  /** Over this many milliseconds a trial is slow; undefined where nothing looks at durations. */
  readonly slowerThanMs: number | undefined;
}

/** Too many failures while traffic was coming back. */
export interface RampFailedVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'rampFailed';
  /** Failures since it closed. */
  readonly failures: number;
  /** Results since it closed. */
  readonly calls: number;
  /** The share that opens it again, 0..1. */
  readonly threshold: number;
}

/** A signal from outside said so. */
export interface SignalVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'signal';
  /** The signal's name, such as a Prometheus query. */
  readonly signal: string;
  /** What it said, for people. */
  readonly message: string;
  /** The value that it saw, where it is a number. */
  readonly value?: number | undefined;
  /** Where it begins to speak, where that is a number. */
  readonly threshold?: number | undefined;
}

/** A latency that lasted, without failures, is taken as the new usual one. */
export interface BaselineAdoptedVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'baselineAdopted';
  /** The usual latency from now on, in milliseconds. */
  readonly latencyMs: number;
  /** The usual latency before, in milliseconds. */
  readonly beforeMs: number;
  /** Half-open rounds in which every trial succeeded, but slowly. */
  readonly rounds: number;
}

/** A trial in half-open failed. */
export interface TrialFailedVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'trialFailed';
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A trial in half-open was answered, but slowly. */
export interface TrialSlowVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'trialSlow';
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Over this many milliseconds it is slow. */
  readonly slowerThanMs: number;
}

/** A trial in half-open had no answer when its lease ended. */
export interface TrialExpiredVerdict extends VerdictBase {
  /** Tells verdicts apart. */
  readonly reason: 'trialExpired';
  /** How long it was waited for, in milliseconds. */
  readonly leaseMs: number;
}

/** Tripped by code or a person, through `trip(reason)`. */
export interface ManualVerdict extends VerdictBase {
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
  /** Why, where it was said. */
  readonly message?: string | undefined;
}

/** Why a breaker opened by its own judgement, or because code or a signal said so. */
export type OpeningVerdict =
  | ConditionVerdict
  | TrialFailedVerdict
  | TrialSlowVerdict
  | TrialExpiredVerdict
  | TrialsFailedVerdict
  | RampFailedVerdict
  | SignalVerdict
  | ManualVerdict;

/** Why a breaker changed its state, with the numbers it was decided on. Tell them apart by `reason`. */
export type Verdict =
  | OpeningVerdict
  | BaselineAdoptedVerdict
  | OpenPeriodOverVerdict
  | TrialsSucceededVerdict
  | ForcedVerdict
  | ResetVerdict;
