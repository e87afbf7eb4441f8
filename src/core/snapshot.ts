import type { Mode, Override, RejectionReason, State } from './state.ts';
import type { ConditionSnapshot } from './trip/condition.ts';
import type { Verdict } from './verdict.ts';

/** Calls of a breaker since it was made. */
export interface CallCounts {
  /** Answered. Results of calls from before a state change count too. */
  readonly success: number;
  /** Not answered, or not in time. */
  readonly failure: number;
  /** Ended without saying anything about the dependency. */
  readonly ignored: number;
  /** Refused, by reason. */
  readonly rejected: Readonly<Record<RejectionReason, number>>;
  /** Let through in mode `observe` although enforcement would have refused them, by reason. */
  readonly wouldReject: Readonly<Record<RejectionReason, number>>;
}

/** A mode that a person chose for a breaker. */
export interface ChosenMode {
  /** The mode. */
  readonly mode: Mode;
  /** What the person said. */
  readonly reason: string;
  /** Milliseconds until the choice ends by itself: Infinity without an end. */
  readonly endsInMs: number;
}

/** How a breaker stands at one moment. */
export interface BreakerSnapshot {
  /** Its name. */
  readonly name: string;
  /** Its state. */
  readonly state: State;
  /** Enforce, observe or off. */
  readonly mode: Mode;
  /** A person's override, null without one. */
  readonly override: Override | null;
  /** What the person said who set it; undefined without one. */
  readonly overrideReason: string | undefined;
  /** Milliseconds until it ends by itself: Infinity without an end, 0 without an override. */
  readonly overrideEndsInMs: number;
  /** The mode that a person chose above the policy's, null without one. */
  readonly chosenMode: ChosenMode | null;
  /** Milliseconds in this state. */
  readonly inStateMs: number;
  /** Why it is in this state; undefined before the first change. */
  readonly verdict: Verdict | undefined;
  /** Open, but its open period is over: the next call is a trial. */
  readonly trialDue: boolean;
  /** Milliseconds until a call may be let through again; 0 when one would be now, Infinity when forced open without an end. */
  readonly retryInMs: number;
  /** The share of calls that a closed breaker lets through, 0..1: less than 1 while traffic comes back, or while it sheds; 0 in other states. */
  readonly admittedShare: number;
  /** Calls under way. */
  readonly inFlight: number;
  /** Calls since it was made. */
  readonly counts: CallCounts;
  /** The trip conditions and how near they are. */
  readonly conditions: readonly ConditionSnapshot[];
}

/** Why a call was refused. */
export interface Rejection {
  /** The kind of refusal. */
  readonly reason: RejectionReason;
  /** Milliseconds until a call may be let through again, Infinity when forced open without an end. */
  readonly retryInMs: number;
  /** What brought the breaker into this state. */
  readonly verdict: Verdict | undefined;
}
