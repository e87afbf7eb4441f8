import type { Clock } from '../core/clock.ts';
import type { BreakerEvent } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RejectionReason } from '../core/state.ts';
import type { IgnoredCause } from './ignored-cause.ts';
import type { PolicyEvent } from './policy-event.ts';
import type { WarningHandler } from './ports.ts';
import type { BreakerEntry } from './registry.ts';

/** What a recorder reads of a call that was let through. Times are of the registry's clock, in milliseconds. */
export interface RecordedCall {
  /** Its method. */
  readonly binding: { readonly method: string; readonly isResponseStream: boolean };
  /** 0 (UNJUDGED) where enforcement would have refused it. */
  readonly permitGeneration: number;
  /** When the dependency had all it needs to answer. */
  readonly askedMs: number;
  /** Time to the first message of a stream; below 0 without one, or where this process held it up. */
  readonly latencyMs: number;
  /** The recorder's own. */
  recorded: unknown;
}

/** What a recorder is told when its breakers are made. */
export interface RecorderContext {
  /** Where breakers read time from. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
  /** Hears what is wrong. */
  readonly onWarning: WarningHandler;
}

/**
 * Writes down what breakers are told of calls, so that it can be told to other ones later. On the way of each call, so it is quick, it allocates next to
 * nothing, and none of its methods ever throws. Made by `recordCalls`.
 */
export interface CallRecorder {
  /** Breakers begin to use it. */
  begin(context: RecorderContext): void;
  /** Random numbers, of which it keeps in mind the last: an open period that was drawn can then be drawn again. */
  drawing(random: () => number): () => number;
  /** A call was let through, with so many milliseconds left until its deadline, Infinity without one. */
  callAdmitted(call: RecordedCall, entry: BreakerEntry, nowMs: number, deadlineLeftMs: number): void;
  /** A call was refused. */
  callRejected(call: RecordedCall, entry: BreakerEntry, reason: RejectionReason, nowMs: number, deadlineLeftMs: number): void;
  /** The first message of a stream came. */
  callAnswered(call: RecordedCall, nowMs: number): void;
  /**
   * A call that was let through has ended; told when its breaker is, with the same numbers.
   * @param cause - why it is ignored; undefined where it is not
   * @param latencyMs - below 0 where it is not known
   * @param pushbackMs - what the server asked for; anything but a positive number for nothing
   */
  callEnded(
    call: RecordedCall,
    entry: BreakerEntry,
    outcome: Outcome,
    statusCode: number,
    cause: IgnoredCause | undefined,
    latencyMs: number,
    pushbackMs: number,
    nowMs: number,
  ): void;
  /**
   * Calls under way are looked at. @param lateMs - this process was busy until now: the tick came so many milliseconds late, which do not count for their
   * age; 0 where that is not much
   */
  stalled(lateMs: number, nowMs: number): void;
  /** A breaker changed, or the policy did. */
  event(event: BreakerEvent | PolicyEvent): void;
}
