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

/** The trip conditions of a breaker; any of them that is met trips it. */
export interface TripConfig {
  /** Failures in a row. */
  readonly consecutiveFailures?: ConsecutiveFailuresConfig;
  /** Share of failures. */
  readonly failureRate?: FailureRateConfig;
  /** Share of slow calls. */
  readonly slowCallRate?: SlowCallRateConfig;
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
  /** The open period is drawn evenly from its length plus or minus this share. */
  readonly jitter: number;
  /** Calls let through in half-open. */
  readonly trials: number;
  /** A trial without an answer counts as failed after its call's deadline, and at the latest after this many milliseconds. */
  readonly leaseMs: number;
  /** Enforce, observe or off. */
  readonly mode: Mode;
}
