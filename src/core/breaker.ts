import type { OverrideOptions } from './dependencies.ts';
import type { BreakerListener } from './events.ts';
import type { BreakerConfig } from './options.ts';
import type { Outcome } from './outcome.ts';
import type { Permit, PermitSlot } from './permit.ts';
import type { BreakerSnapshot, Rejection } from './snapshot.ts';
import type { Mode, Override, State } from './state.ts';
import type { SignalVerdict, Verdict } from './verdict.ts';

/**
 * Lets calls through, hears how they ended, and stops letting them through when the dependency is sick.
 * Pure and synchronous: no timers, no I/O; the end of an open period, of a lease and of an override is seen on the next call or snapshot.
 */
export interface Breaker {
  /** Its name, in events and snapshots. */
  readonly name: string;
  /** Enforce, observe or off: the policy's, or the one that a person chose. */
  readonly mode: Mode;
  /** The state now. An open breaker whose open period is over stays `open` until a call comes; see `trialDue` in the snapshot. */
  readonly state: State;
  /** Why it is in this state; undefined before the first change. */
  readonly verdict: Verdict | undefined;
  /** From this age on, in milliseconds, a call under way is slow for some condition; Infinity where none looks at durations, or none knows yet. */
  readonly inFlightLimitMs: number;
  /** The usual latency (its 70th percentile) in milliseconds, as `adaptive` has learned it; undefined without. */
  readonly usualLatencyMs: number | undefined;
  /** Nobody would miss it: closed, no call under way, no override. @internal */
  readonly isIdle: boolean;
  /** Nothing that it remembers speaks against its dependency. @internal */
  isSpotless(nowMs: number): boolean;
  /** Open, but nobody has come for the trial that is due. @internal */
  isAbandoned(nowMs: number): boolean;
  /**
   * Asks for permission to call: a permit to settle when the call has ended, or null when it is refused.
   * @param deadlineMs - milliseconds left until the call's deadline; a trial in half-open is waited for that long, and at most for `lease`
   */
  tryAcquire(deadlineMs?: number): Permit | null;
  /**
   * As {@link Breaker.tryAcquire}, with a slot of the caller's for the permit and the time on the breaker's clock, so that nothing is
   * allocated or read; false when the call is refused. Without a deadline, `deadlineMs` is Infinity.
   */
  acquire(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean;
  /**
   * Takes in how a call ended; does nothing for a slot without a permit.
   * @param durationMs - how long it took, in milliseconds; below 0 where that is not known, because this process itself held it up
   * @param nowMs - the time on the breaker's clock; without it the clock is read
   * @param code - what its caller calls its end, such as a gRPC status code, for verdicts
   */
  settle(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs?: number, code?: number): void;
  /**
   * A call that is still under way has been answered: the first message of a stream. A half-open trial has succeeded then.
   * @param durationMs - how long the answer took, in milliseconds; below 0 where that is not known
   * @param nowMs - the time on the breaker's clock; without it the clock is read
   */
  answered(slot: PermitSlot, durationMs?: number, nowMs?: number): void;
  /**
   * A call is still under way at an age over {@link Breaker.inFlightLimitMs}: that is evidence of slowness now, and will not count again.
   * @returns true when nothing more is to be learned from this call before it ends
   */
  watch(slot: PermitSlot, ageMs: number, nowMs: number): boolean;
  /**
   * The server asks to be left alone (gRPC's retry pushback, google.rpc.RetryInfo): an open period lasts at least that long, and at most
   * `backoff.max`. Anything but a positive number of milliseconds is ignored.
   */
  pushBack(ms: number, nowMs: number): void;
  /** Why a call is refused at this moment, for the error that its caller gets. */
  rejection(nowMs: number): Rejection;
  /** How it stands now. */
  snapshot(): BreakerSnapshot;
  /** Hears the events from now on, until the returned function is called. */
  subscribe(listener: BreakerListener): () => void;
  /**
   * Sets a person's decision above the breaker's judgement, or takes it back with null: `forcedOpen` refuses every call, `forcedClosed` none.
   * Taken back, a breaker that was forced open lets trials through first. @throws TypeError for anything else
   */
  override(override: Override | null, options?: OverrideOptions): void;
  /** Opens the breaker, for a reason that the caller knows. False when it did not open: it is open already, has an override, or is off. */
  trip(reason: string): boolean;
  /**
   * Opens the breaker because a signal from outside says so. False when it did not open, as for {@link Breaker.trip}.
   * @param holdForMs - it stays open for at least so many milliseconds, also where it is open already: until the signal speaks again
   */
  tripBySignal(signal: Omit<SignalVerdict, 'reason' | 'evidence'>, holdForMs?: number): boolean;
  /**
   * Chooses a mode for this breaker, above its policy's, or takes the choice back with null. It is about refusing alone: what else the policy does
   * to calls, such as its deadline, stays. @throws TypeError for anything else
   */
  setMode(mode: Mode | null, options?: OverrideOptions): void;
  /** As new: closed, nothing remembered or learned, no override. Counts stay, and so does a chosen mode. @param reason - why, for the verdict */
  reset(reason?: string): void;
  /**
   * Goes on with another configuration. Its state stays, and so do its counts, its backoff and what those conditions know that did not change.
   * Where its conditions change, calls that are under way are not judged. @internal
   */
  reconfigure(config: BreakerConfig): void;
}
