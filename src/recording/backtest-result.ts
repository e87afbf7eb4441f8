import type { Mode, State } from '../core/state.ts';

/** A trip, under one policy. */
export interface BacktestTrip {
  /** The breaker's name. */
  readonly breaker: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** Which condition, such as `failureRate`. */
  readonly reason: string;
  /** The verdict in a line. */
  readonly text: string;
  /** The state that was left: `halfOpen` where trials failed. */
  readonly from: State;
  /** Milliseconds until the first trial; null for no end. */
  readonly openForMs: number | null;
}

/** What became of calls. Of a call that was refused live nobody knows how it would have ended. */
export interface BacktestCounts {
  /** Calls that are told below, and those under way at the end. */
  calls: number;
  /** Let through, and answered. */
  succeeded: number;
  /** Let through, and failed. */
  failed: number;
  /** Let through, and nothing was learned from it: cancelled by its caller, for instance. */
  ignored: number;
  /** Refused, though they would have succeeded: harm. */
  refusedGood: number;
  /** Refused, and they would have failed: failures avoided. */
  refusedBad: number;
  /** Refused, and they would have said nothing. */
  refusedIgnored: number;
  /** Refused, live too: nobody knows. */
  refusedUnknown: number;
  /** Refused live, and let through here: nobody knows, and they are judged as if they had not been made. */
  passedUnknown: number;
  /** Of no policy, or off: let through whatever happens. */
  unprotected: number;
}

/** How one breaker, or all, fared under one policy. */
export interface BacktestBreaker extends Readonly<BacktestCounts> {
  /** The breaker's name. */
  readonly breaker: string;
  /** How often it opened. */
  readonly trips: number;
  /** Trips from closed: outages. */
  readonly outages: number;
  /** Milliseconds in which it was open. */
  readonly openMs: number;
  /** Milliseconds in which it was half-open. */
  readonly halfOpenMs: number;
  /** At the end. */
  readonly state: State;
}

/** The sum over all breakers. */
export interface BacktestTotal extends Readonly<BacktestCounts> {
  /** How often breakers opened. */
  readonly trips: number;
  /** Trips from closed. */
  readonly outages: number;
  /** Milliseconds in which breakers were open. */
  readonly openMs: number;
  /** Milliseconds in which breakers were half-open. */
  readonly halfOpenMs: number;
  /** Breakers that there were. */
  readonly breakers: number;
  /** Of them, how many are not closed at the end. */
  readonly notClosed: number;
}

/** A stretch of time in which a breaker was not closed. */
export interface BacktestSpan {
  /** The breaker's name. */
  readonly breaker: string;
  /** What it was. */
  readonly state: 'open' | 'halfOpen';
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds since 1970. */
  readonly to: number;
}

/** Calls by time, in buckets of one width. */
export interface BacktestSeries {
  /** Calls that were let through, and answered. */
  readonly succeeded: readonly number[];
  /** Calls that were let through, and failed. */
  readonly failed: readonly number[];
  /** Calls that were refused. */
  readonly refused: readonly number[];
}

/** What one policy did, or would have done. */
export interface BacktestLane {
  /** `live` is what happened. */
  readonly name: 'live' | 'policy' | 'against';
  /** Such as `policy new.yaml`. */
  readonly title: string;
  /** The sum over all breakers. */
  readonly total: BacktestTotal;
  /** Those that had the most trouble first. */
  readonly breakers: readonly BacktestBreaker[];
  /** In the order of time, at most 10,000: `total.trips` counts all. */
  readonly trips: readonly BacktestTrip[];
  /** At most 10,000. */
  readonly spans: readonly BacktestSpan[];
  /** Calls by time. */
  readonly series: BacktestSeries;
}

/** Something in a recording that could not be read. */
export interface RecordingProblem {
  /** The file. */
  readonly file: string;
  /** From 1 on; 0 for the file as a whole. */
  readonly line: number;
  /** What is wrong with it. */
  readonly message: string;
}

/** What is known of the recordings that were replayed. */
export interface RecordingSummary {
  /** Their files. */
  readonly files: readonly string[];
  /** Recorders, that is processes. */
  readonly runs: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds since 1970. */
  readonly to: number;
  /** Calls in them. */
  readonly calls: number;
  /** Calls that were refused live. */
  readonly refused: number;
  /** Calls whose start is not in these files. */
  readonly withoutStart: number;
  /** Calls whose end is not. */
  readonly withoutEnd: number;
  /** Lines that the recorder could not write. */
  readonly dropped: number;
  /** Lines that could not be read, all of them. */
  readonly badLines: number;
  /** The first of them, and what is wrong with whole files. */
  readonly problems: readonly RecordingProblem[];
  /** Modes that the breakers had, live. */
  readonly modes: readonly Mode[];
}

/** What {@link backtest} found. All of it can be written as JSON. */
export interface BacktestResult {
  /** What was replayed. */
  readonly recording: RecordingSummary;
  /** What happened, then the policy, then the one that it is compared with. */
  readonly lanes: readonly BacktestLane[];
  /** Buckets of the series: the first begins at `recording.from`, each has this width in milliseconds. */
  readonly bucketMs: number;
  /** What has to be kept in mind when reading it. */
  readonly notes: readonly string[];
}
