import type { Mode } from './state.ts';

/** A window over the last `calls` results. */
export interface CountWindowConfig {
  /** How many results it holds, at least 1. */
  readonly calls: number;
}

/** A window over the last `durationMs` milliseconds, in `slices` that expire one by one. */
export interface TimeWindowConfig {
  /** Its length in milliseconds. */
  readonly durationMs: number;
  /** Into how many slices it is cut. */
  readonly slices: number;
}

/** A window of either kind. */
export type WindowConfig = CountWindowConfig | TimeWindowConfig;

/** Trips at this many failures in a row. */
export interface ConsecutiveFailuresConfig {
  /** Failures in a row, at least 1. */
  readonly threshold: number;
}

/** Trips when the share of failures in the window is at or over the threshold. */
export interface FailureRateConfig {
  /** Share of failures, over 0 and at most 1. */
  readonly threshold: number;
  /** Results needed in the window before it is judged. */
  readonly minCalls: number;
  /** The window. */
  readonly window: WindowConfig;
}

/** Trips when the share of slow calls in the window is at or over the threshold. */
export interface SlowCallRateConfig extends FailureRateConfig {
  /** A call that took longer than this many milliseconds is slow. */
  readonly slowerThanMs: number;
}

/** Trips when a percentile of the latencies in the window is over the limit, and chance cannot explain it. */
export interface LatencySloConfig {
  /** Which percentile, over 0 and under 1. */
  readonly percentile: number;
  /** The latency that it must not exceed, in milliseconds. */
  readonly limitMs: number;
  /** The window. */
  readonly window: WindowConfig;
  /** Results needed in the window before it is judged. */
  readonly minCalls: number;
  /** With this probability a dependency whose percentile is exactly the limit is never tripped, however often it is looked at. */
  readonly confidence: number;
}

/** Trips when errors or slow calls are more than usual: change detection against a learned baseline. */
export interface AdaptiveConfig {
  /** At least so many calls lie between two false trips of a healthy dependency, on average. */
  readonly falseTripEvery: number;
  /** The share of failures that must be caught, 0.02..1. */
  readonly unhealthy: number;
  /** A call that takes this many times the usual latency (its 70th percentile) is slow. */
  readonly slowdown: number;
  /** A slow call takes at least so many milliseconds more than usual. */
  readonly slowdownFloorMs: number;
  /** A burst of trouble this short never trips, in milliseconds; 0 for none. */
  readonly blipMs: number;
  /** Calls before what was learned is used. */
  readonly warmUp: number;
  /** After so many milliseconds a call counts half in the baseline. */
  readonly halfLifeMs: number;
  /** After so many half-open rounds in a row whose trials all succeeded, but slowly, the new latency is the usual one. */
  readonly adoptAfter: number;
}

/** The trip conditions of a breaker; any of them that is met trips it. */
export interface TripConfig {
  /** Failures in a row. */
  readonly consecutiveFailures?: ConsecutiveFailuresConfig;
  /** Share of failures. */
  readonly failureRate?: FailureRateConfig;
  /** Share of slow calls. */
  readonly slowCallRate?: SlowCallRateConfig;
  /** A latency percentile. */
  readonly latencySlo?: LatencySloConfig;
  /** More errors or slow calls than usual. */
  readonly adaptive?: AdaptiveConfig;
}

/** Refuses a share of calls instead of opening: client-side throttling as in Google's SRE book. */
export interface ShedConfig {
  /** So many requests are sent for each that the dependency accepts; above, the surplus is refused. */
  readonly k: number;
  /** Over which calls requests and accepts are counted. */
  readonly window: TimeWindowConfig;
}

/** A breaker's configuration as core uses it: numbers only, milliseconds and shares of 0..1, all defaults filled in. */
export interface BreakerConfig {
  /** Trip conditions. */
  readonly trip: TripConfig;
  /** Length of the first open period in milliseconds. */
  readonly openForMs: number;
  /** Each further open period in a row is this many times longer. */
  readonly backoffFactor: number;
  /** No open period is longer than this (before jitter), in milliseconds. */
  readonly backoffMaxMs: number;
  /** A period that has grown by backoff ends early after so many refused calls, though not before `openForMs`; Infinity for never. */
  readonly backoffRefused: number;
  /** The open period is drawn evenly from its length plus or minus this share. */
  readonly jitter: number;
  /** Calls let through in half-open. */
  readonly trials: number;
  /** A trial without an answer counts as failed after its call's deadline, and at the latest after this many milliseconds. */
  readonly leaseMs: number;
  /** After closing, calls are let through in a growing share for so many milliseconds, at most for as long as the outage was; 0 for all at once. */
  readonly rampUpMs: number;
  /** A trip within so many milliseconds of the last recovery goes on with its backoff. */
  readonly stabilityMs: number;
  /** Calls under way at the same time; Infinity for any number. */
  readonly maxConcurrent: number;
  /** Partial shedding, undefined without it. */
  readonly shed?: ShedConfig | undefined;
  /** Enforce, observe or off. */
  readonly mode: Mode;
}
