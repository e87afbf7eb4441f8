import type { RejectionReason } from '../core/state.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';

// A recording is a text of lines, each one a JSON value. First a header; a line for each policy and each breaker before the first line that names it; then
// calls as short arrays of whole numbers. Times are microseconds since the recorder began, on its process's monotonic clock.
//
//   [breaker, at, took, code, kind, latency, asked, deadline, pushback, long, drawn]   a call that ended; what is null, or not there, has its default
//   [breaker, at, -1 - reason, drawn]                                                  a call that was refused
//   [breaker, at, UNDER_WAY, long, asked, latency, deadline, drawn]                    a call that has been under way for a while, and has not ended
//   [long, at, ANSWERED, latency]                                                      the first message of such a call
//
// `drawn` is there where a random number decided whether the call was let through, in billionths.
//
// Lines are written as things happen, so calls stand in the order of their ends, and none before the UNDER_WAY line of one that began more than the
// header's `horizon` before its end. A reader that looks so far ahead has every start in time.

/** The version of the format that is written. */
export const VERSION = 1;

/** A call is written once more, as under way, when it has taken so long, in microseconds. */
export const HORIZON_US = 1_000_000;

/** In place of a duration: a call that has not ended. */
export const UNDER_WAY = -100;

/** In place of a duration: the first message of such a call came. */
export const ANSWERED = -101;

/** How a call ended: as the failure codes of its policy say, or otherwise (a function or a message said so, or its caller gave up), or ignored with a cause. */
export const KIND = { success: 0, failure: 1, otherSuccess: 2, otherFailure: 3, ignored: 4 } as const;

/** Added to the kind of a call that enforcement would have refused: it was let through by a policy that observes. */
export const WOULD_REFUSE = 32;

/** Calls under way are looked at so often, in microseconds, as src/grpc/stalls.ts has it. */
export const TICK_US = 10_000;

/** By which a random number is multiplied. */
export const DRAWN = 1_000_000_000;

/** No deadline. */
export const NO_DEADLINE = -1;

/** Not known, of durations. */
export const UNKNOWN = -1;

/** Ignored causes, by their number in recordings: new ones at the end. */
export const CAUSES: readonly IgnoredCause[] = [
  'cancelled',
  'deadlinePast',
  'clientStall',
  'consumerStall',
  'shortBudget',
  'requestNotSerializable',
  'requestTooLarge',
  'responseTooLarge',
  'responseNotParsable',
  'credentials',
  'classified',
  'notSent',
  'notJudged',
];

/** Reasons of refusals, by their number in recordings: new ones at the end. */
export const REASONS: readonly RejectionReason[] = ['open', 'halfOpen', 'ramp', 'shed', 'concurrency', 'forced'];

/** The first line of each file. */
export interface HeaderLine {
  readonly grpcBreakerCalls: number;
  /** The same in all files of one recorder. */
  readonly run: string;
  /** Which of them it is, from 0 on. */
  readonly part: number;
  /** When the recorder began, in milliseconds since 1970: time 0. */
  readonly began: number;
  readonly horizon: number;
  readonly causes: readonly string[];
  readonly reasons: readonly string[];
}

/** What held for some breakers. */
export interface PolicyLine {
  readonly policy: number;
  readonly path: string;
  /** Parts of the key, or null where code made it. */
  readonly key: readonly string[] | null;
  /** As core has it; null stands for Infinity. */
  readonly breaker: unknown;
}

/** A breaker, and a method that calls it. */
export interface BreakerLine {
  readonly breaker: number;
  readonly name: string;
  readonly target: string;
  readonly method: string;
  readonly key: string;
  readonly policy: number;
  /** Answers are streams. */
  readonly stream?: true;
  /** Left at the start of calls that say nothing else, in microseconds; null for no deadline. */
  readonly deadline: number | null;
}

/** Something that happened once. */
export interface NoteLine {
  readonly t: number;
  /** This process was busy until then, for so many microseconds. */
  readonly stall?: number;
  /** A look at calls under way came so late, in microseconds, though the process was not busy for long. */
  readonly tick?: number;
  /** So many lines before this one could not be written. */
  readonly dropped?: number;
  /** An event of a breaker or of the policy. */
  readonly event?: { readonly type: string; readonly breaker?: string } & Readonly<Record<string, unknown>>;
  /** The random number that the open period was drawn with. */
  readonly drawn?: number;
  /** The recorder was closed. */
  readonly closed?: true;
}
