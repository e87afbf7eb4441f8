import { Admission } from './admission/admission.ts';
import type { Clock } from './clock.ts';
import type { BreakerDependencies, OverrideOptions } from './dependencies.ts';
import { type BreakerListener, EventQueue } from './events.ts';
import type { BreakerConfig } from './options.ts';
import type { Outcome } from './outcome.ts';
import { NO_PERMIT, Permit, type PermitSlot, UNJUDGED } from './permit.ts';
import { type Decision, HalfOpen } from './recovery/half-open.ts';
import { OpenPeriod } from './recovery/open-period.ts';
import type { BreakerSnapshot, Rejection } from './snapshot.ts';
import type { Mode, Override, RejectionReason, State } from './state.ts';
import { StateMachine } from './state-machine.ts';
import { Tally } from './tally.ts';
import { BadCalls } from './trip/bad-calls.ts';
import { Judge } from './trip/judge.ts';
import type { OpeningVerdict, SignalVerdict, Verdict } from './verdict.ts';

/**
 * Lets calls through, hears how they ended, and stops letting them through when the dependency is sick.
 * Pure and synchronous: no timers, no I/O; the end of an open period, of a lease and of an override is seen on the next call or snapshot.
 */
export class Breaker {
  /** Its name, in events and snapshots. */
  readonly name: string;
  readonly #config: BreakerConfig;
  readonly #clock: Clock;
  readonly #judge: Judge;
  readonly #admission: Admission;
  readonly #openPeriod: OpenPeriod;
  readonly #tally = new Tally();
  readonly #events: EventQueue;
  readonly #machine: StateMachine;
  #halfOpen: HalfOpen | undefined;
  #badCalls: BadCalls | undefined;
  /** Closed, judged, without an override, and nothing is refused: calls pass without a look at the clock. */
  #passing: boolean;
  /** Why a closed breaker last refused a call. */
  #refusal: RejectionReason = 'open';
  /** When the outage began that is not over yet. */
  #outageSinceMs = 0;

  /** Use `createBreaker`, which takes durations such as `5s` and fills in the defaults. @internal */
  constructor(name: string, config: BreakerConfig, dependencies: BreakerDependencies) {
    const { clock, random, onEvent, onListenerError } = dependencies;
    this.name = name;
    this.#config = config;
    this.#clock = clock;
    this.#events = new EventQueue(onListenerError, onEvent);
    this.#judge = new Judge(config.trip);
    this.#admission = new Admission(config, random);
    this.#openPeriod = new OpenPeriod(config, random);
    this.#machine = new StateMachine(name, config.mode, clock.now(), this.#events, (from, to, nowMs) =>
      this.#enter(from, to, nowMs),
    );
    this.#passing = config.mode !== 'off' && this.#admission.isFree;
  }

  /** The state now. An open breaker whose open period is over stays `open` until a call comes; see `trialDue` in the snapshot. */
  get state(): State {
    return this.#machine.state;
  }

  /** Enforce, observe or off. */
  get mode(): Mode {
    return this.#config.mode;
  }

  /** Why it is in this state; undefined before the first change. */
  get verdict(): Verdict | undefined {
    return this.#machine.verdict;
  }

  /** From this age on, in milliseconds, a call under way is slow for some condition; Infinity where none looks at durations, or none knows yet. */
  get inFlightLimitMs(): number {
    return this.#judge.slowerThanMs;
  }

  /** The usual latency (a high percentile) in milliseconds, as `adaptive` has learned it; undefined without. */
  get usualLatencyMs(): number | undefined {
    return this.#judge.adaptive?.usualLatencyMs;
  }

  /** Nobody would miss it: closed, no call under way, no override. @internal */
  get isIdle(): boolean {
    return this.#machine.state === 'closed' && this.#tally.inFlight === 0 && this.#machine.override === null;
  }

  /** Nothing that it remembers speaks against its dependency. @internal */
  isSpotless(nowMs: number): boolean {
    return this.#judge.isSpotless(nowMs);
  }

  /** Open, but nobody has come for the trial that is due. @internal */
  isAbandoned(nowMs: number): boolean {
    const { state, openUntilMs, override } = this.#machine;
    return state === 'open' && nowMs >= openUntilMs && override === null;
  }

  /**
   * Asks for permission to call: a permit to settle when the call has ended, or null when it is refused.
   * @param deadlineMs - milliseconds left until the call's deadline; a trial in half-open is waited for that long, and at most for `lease`
   */
  tryAcquire(deadlineMs: number = Infinity): Permit | null {
    const permit = new Permit(this);
    return this.acquire(permit, this.#passing ? 0 : this.#clock.now(), deadlineMs) ? permit : null;
  }

  /**
   * As {@link Breaker.tryAcquire}, with a slot of the caller's for the permit and the time on the breaker's clock, so that nothing is
   * allocated or read; false when the call is refused. Without a deadline, `deadlineMs` is Infinity.
   */
  acquire(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean {
    if (!this.#passing) return this.#acquireWithCare(slot, nowMs, deadlineMs);
    slot.permitGeneration = this.#machine.generation;
    slot.permitTrial = -1;
    slot.permitSlow = 0;
    this.#tally.inFlight++;
    return true;
  }

  /**
   * Takes in how a call ended; does nothing for a slot without a permit.
   * @param durationMs - how long it took, in milliseconds; below 0 where that is not known, because this process itself held it up
   * @param nowMs - the time on the breaker's clock; without it the clock is read
   * @param code - what its caller calls its end, such as a gRPC status code, for verdicts
   */
  settle(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs?: number, code = -1): void {
    const generation = slot.permitGeneration;
    if (generation === NO_PERMIT) return;
    slot.permitGeneration = NO_PERMIT;
    this.#tally.end(outcome);
    const machine = this.#machine;
    if (generation !== machine.generation) return;
    const now = nowMs ?? this.#clock.now();
    if (machine.override !== null) this.#passTime(now);
    if (machine.state === 'halfOpen') this.#settleTrial(slot.permitTrial, outcome, durationMs, now, code);
    else if (!this.#admission.isFree || outcome === 'ignored') this.#settleWithCare(slot, outcome, durationMs, now, code);
    else this.#settleClosed(slot, outcome === 'failure', durationMs, now, code);
  }

  /** A call that is still under way has been answered: the first message of a stream. A trial that outlives its lease has succeeded then. */
  answered(slot: PermitSlot): void {
    if (slot.permitTrial >= 0 && slot.permitGeneration === this.#machine.generation) this.#halfOpen?.answer(slot.permitTrial);
  }

  /**
   * A call is still under way at an age over {@link Breaker.inFlightLimitMs}: that is evidence of slowness now, and will not count again.
   * @returns true when nothing more is to be learned from this call before it ends
   */
  watch(slot: PermitSlot, ageMs: number, nowMs: number): boolean {
    const { generation, state, override } = this.#machine;
    // A trial is judged when it ends: until then nobody is harmed, and a slow success is worth knowing.
    if (slot.permitGeneration !== generation || state !== 'closed') return true;
    const before = slot.permitSlow;
    const met = this.#judge.watch(slot, ageMs, nowMs);
    if (before === 0 && slot.permitSlow !== 0) this.#noteBadCall(false, ageMs, -1, nowMs);
    if (met !== undefined && override === null) this.#open(met.verdict(nowMs), nowMs);
    return this.#judge.hasSeenAll(slot);
  }

  /**
   * The server asks to be left alone (gRPC's retry pushback, google.rpc.RetryInfo): an open period lasts at least that long, and at most
   * `backoff.max`. Anything but a positive number of milliseconds is ignored.
   */
  pushBack(ms: number, nowMs: number): void {
    const untilMs = this.#openPeriod.pushBack(ms, nowMs);
    const machine = this.#machine;
    if (machine.state === 'open') machine.openUntilMs = Math.max(machine.openUntilMs, untilMs);
  }

  /** Why a call is refused at this moment, for the error that its caller gets. */
  rejection(nowMs: number): Rejection {
    const reason = this.#machine.state === 'closed' ? this.#refusal : this.#stateReason();
    return { reason, retryInMs: this.#retryInMs(nowMs), verdict: this.#machine.verdict };
  }

  /** How it stands now. */
  snapshot(): BreakerSnapshot {
    const now = this.#clock.now();
    this.#passTime(now);
    const { state, override, sinceMs, verdict, openUntilMs } = this.#machine;
    return {
      name: this.name,
      state,
      mode: this.#config.mode,
      override,
      inStateMs: now - sinceMs,
      verdict,
      trialDue: state === 'open' && now >= openUntilMs,
      retryInMs: this.#retryInMs(now),
      admittedShare: state === 'closed' ? this.#admission.share(now) : 0,
      inFlight: this.#tally.inFlight,
      counts: this.#tally.counts(),
      conditions: this.#judge.snapshot(now),
    };
  }

  /** Hears the events from now on, until the returned function is called. */
  subscribe(listener: BreakerListener): () => void {
    return this.#events.add(listener);
  }

  /**
   * Sets a person's decision above the breaker's judgement, or takes it back with null: `forcedOpen` refuses every call, `forcedClosed` none.
   * Taken back, a breaker that was forced open lets trials through first. @throws TypeError for anything else
   */
  override(override: Override | null, options: OverrideOptions = {}): void {
    if (override !== null && override !== 'forcedOpen' && override !== 'forcedClosed') {
      throw new TypeError(`${String(override)} is not an override; expected forcedOpen, forcedClosed or null`);
    }
    const now = this.#clock.now();
    this.#setOverride(override, options.reason ?? 'by code', now + (options.forMs ?? Infinity), now);
  }

  /** Opens the breaker, for a reason that the caller knows. False when nothing changed: it is open already, has an override, or is off. */
  trip(reason: string): boolean {
    return this.#trip({ reason: 'manual', message: reason });
  }

  /** Opens the breaker because a signal from outside says so. False when nothing changed, as for {@link Breaker.trip}. */
  tripBySignal(signal: Omit<SignalVerdict, 'reason' | 'evidence'>): boolean {
    return this.#trip({ reason: 'signal', ...signal });
  }

  /** As new: closed, nothing remembered or learned, no override. Counts stay. */
  reset(): void {
    const now = this.#clock.now();
    const machine = this.#machine;
    if (machine.override !== null) this.#setOverride(null, 'reset', Infinity, now);
    this.#judge.forget();
    this.#admission.clear();
    if (machine.state !== 'closed') machine.change('closed', { reason: 'reset' }, now);
    else {
      machine.generation++;
      this.#admission.cancelRamp();
      this.#badCalls = undefined;
      this.#look();
    }
    this.#openPeriod.reset();
  }

  #trip(verdict: OpeningVerdict): boolean {
    const now = this.#clock.now();
    this.#passTime(now);
    const { state, override } = this.#machine;
    if (state === 'open' || override !== null || this.#config.mode === 'off') return false;
    this.#open(verdict, now);
    return true;
  }

  #acquireWithCare(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean {
    this.#passTime(nowMs);
    slot.permitTrial = -1;
    slot.permitSlow = 0;
    const machine = this.#machine;
    if (machine.state === 'open' && nowMs >= machine.openUntilMs) {
      machine.change('halfOpen', { reason: 'openPeriodOver', openMs: nowMs - machine.sinceMs }, nowMs);
    }
    // Asked last: a listener of the change may have closed it.
    if (machine.state === 'closed') return this.#acquireClosed(slot, nowMs);
    if (machine.state === 'halfOpen') {
      slot.permitTrial = this.#trials.grant(nowMs, deadlineMs);
      if (slot.permitTrial >= 0) return this.#admit(slot, machine.generation);
    }
    return this.#refuse(slot, this.#stateReason());
  }

  #acquireClosed(slot: PermitSlot, nowMs: number): boolean {
    if (this.#config.mode === 'off') return this.#admit(slot, UNJUDGED);
    // A person who forced it closed wants every call to pass.
    const isForced = this.#machine.override !== null;
    const refusal = isForced ? undefined : this.#admission.refuses(this.#tally.inFlight, nowMs);
    return refusal === undefined ? this.#admit(slot, this.#machine.generation) : this.#refuse(slot, refusal);
  }

  #admit(slot: PermitSlot, generation: number): true {
    slot.permitGeneration = generation;
    this.#tally.inFlight++;
    return true;
  }

  /** Observing, the call passes all the same, but what becomes of it is not judged. */
  #refuse(slot: PermitSlot, reason: RejectionReason): boolean {
    if (this.#config.mode === 'observe' && this.#machine.override === null) {
      this.#tally.wouldReject++;
      return this.#admit(slot, UNJUDGED);
    }
    slot.permitGeneration = NO_PERMIT;
    this.#refusal = reason;
    this.#tally.reject(reason);
    return false;
  }

  #stateReason(): RejectionReason {
    if (this.#machine.override === 'forcedOpen') return 'forced';
    return this.#machine.state === 'halfOpen' ? 'halfOpen' : 'open';
  }

  #retryInMs(nowMs: number): number {
    const { state, override, openUntilMs, overrideUntilMs } = this.#machine;
    if (override === 'forcedOpen') return Math.max(0, overrideUntilMs - nowMs);
    if (state === 'open') return Math.max(0, openUntilMs - nowMs);
    return state === 'closed' ? 0 : this.#trials.nextTrialInMs(nowMs);
  }

  /** Ignored calls, and closed breakers that may refuse: the rare ones. */
  #settleWithCare(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs: number, code: number): void {
    if (outcome === 'ignored') return;
    const { generation, override } = this.#machine;
    const failed = this.#admission.record(outcome, nowMs);
    this.#settleClosed(slot, outcome === 'failure', durationMs, nowMs, code);
    if (failed !== undefined && override === null && generation === this.#machine.generation) this.#open(failed, nowMs);
  }

  #settleClosed(slot: PermitSlot, failed: boolean, durationMs: number, nowMs: number, code: number): void {
    const judge = this.#judge;
    if (failed || (durationMs > judge.slowerThanMs && slot.permitSlow === 0)) this.#noteBadCall(failed, durationMs, code, nowMs);
    const met = judge.record(slot, failed, durationMs, nowMs);
    if (met !== undefined && this.#machine.override === null) this.#open(met.verdict(nowMs), nowMs);
  }

  #settleTrial(ticket: number, outcome: Outcome, durationMs: number, nowMs: number, code: number): void {
    if (outcome === 'ignored') return this.#trials.giveBack(ticket);
    const failed = outcome === 'failure';
    if (failed || durationMs > this.#judge.slowerThanMs) this.#noteBadCall(failed, durationMs, code, nowMs);
    this.#decide(this.#trials.settle(ticket, failed, durationMs, nowMs), nowMs);
  }

  #decide(decision: Decision | undefined, nowMs: number): void {
    if (decision?.to === 'open') this.#open(decision.verdict, nowMs);
    else if (decision?.to === 'closed') this.#machine.change('closed', decision.verdict, nowMs);
  }

  #noteBadCall(failed: boolean, durationMs: number, code: number, nowMs: number): void {
    this.#badCalls ??= new BadCalls();
    this.#badCalls.add(failed, durationMs, code, nowMs);
  }

  /** What time alone changes: an override that ends, a trial whose lease ends, a ramp that is over. */
  #passTime(nowMs: number): void {
    const machine = this.#machine;
    if (machine.override !== null && nowMs >= machine.overrideUntilMs) this.#setOverride(null, 'expired', Infinity, nowMs);
    if (machine.state === 'halfOpen') this.#decide(this.#trials.expire(nowMs), nowMs);
    if (this.#admission.endRamp(nowMs)) this.#look();
  }

  #setOverride(override: Override | null, reason: string, untilMs: number, nowMs: number): void {
    this.#machine.setOverride(override, reason, untilMs, nowMs, (before) => {
      if (before === 'forcedClosed') this.#judge.clear(); // What was let through against the judgement is no evidence.
      this.#look();
    });
    this.#look();
  }

  #open(verdict: OpeningVerdict, nowMs: number): void {
    const evidence = this.#badCalls?.evidence();
    const seen = evidence === undefined ? verdict : { ...verdict, evidence };
    this.#machine.change('open', seen, nowMs, this.#openPeriod.next(nowMs));
  }

  /** Follows a change of state. */
  #enter(from: State, to: State, nowMs: number): void {
    if (from === 'closed') this.#outageSinceMs = nowMs;
    this.#judge.clear(); // Evidence does not outlive a state.
    this.#badCalls = undefined;
    this.#admission.cancelRamp();
    if (to === 'halfOpen') this.#trials.begin();
    else if (to === 'closed') this.#close(nowMs);
    this.#look();
  }

  #close(nowMs: number): void {
    const reason = this.#machine.verdict?.reason;
    if (reason === 'forced' || reason === 'reset') return this.#openPeriod.reset();
    this.#openPeriod.closed(nowMs);
    const rampMs = Math.min(this.#config.rampUpMs, nowMs - this.#outageSinceMs);
    if (rampMs > 0) this.#admission.beginRamp(nowMs, rampMs);
  }

  /** Sees whether calls pass unasked from now on. */
  #look(): void {
    this.#passing = this.#machine.isPlainlyClosed && this.#admission.isFree;
    this.#judge.adaptive?.hurry(this.#admission.isRamping);
  }

  get #trials(): HalfOpen {
    this.#halfOpen ??= new HalfOpen(this.#config, this.#judge);
    return this.#halfOpen;
  }
}
