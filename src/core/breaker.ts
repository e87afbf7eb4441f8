import type { Clock } from './clock.ts';
import type { BreakerDependencies, OverrideOptions } from './dependencies.ts';
import { type BreakerListener, EventQueue } from './events.ts';
import type { BreakerConfig } from './options.ts';
import type { Outcome } from './outcome.ts';
import { NO_PERMIT, Permit, type PermitSlot, UNJUDGED } from './permit.ts';
import { OpenPeriod } from './recovery/open-period.ts';
import { Trials } from './recovery/trials.ts';
import type { BreakerSnapshot, Rejection } from './snapshot.ts';
import type { Mode, Override, RejectionReason, State } from './state.ts';
import { Tally } from './tally.ts';
import { isLegalTransition } from './transition.ts';
import { Judge } from './trip/judge.ts';
import type { Verdict } from './verdict.ts';

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
  readonly #openPeriod: OpenPeriod;
  readonly #tally = new Tally();
  readonly #events: EventQueue;
  #trials: Trials | undefined;

  #state: State = 'closed';
  /** Closed, judged and without an override: calls pass without a look at the clock. */
  #passing: boolean;
  #generation = 1;
  #sinceMs: number;
  #openUntilMs = 0;
  #verdict: Verdict | undefined;
  #override: Override | null = null;
  #overrideUntilMs = Infinity;

  /** Use `createBreaker`, which takes durations such as `5s` and fills in the defaults. @internal */
  constructor(name: string, config: BreakerConfig, dependencies: BreakerDependencies) {
    this.name = name;
    this.#config = config;
    this.#clock = dependencies.clock;
    this.#events = new EventQueue(dependencies.onListenerError, dependencies.onEvent);
    this.#judge = new Judge(config.trip);
    this.#openPeriod = new OpenPeriod(config, dependencies.random);
    this.#passing = config.mode !== 'off';
    this.#sinceMs = dependencies.clock.now();
  }

  /** The state now. An open breaker whose open period is over stays `open` until a call comes; see `trialDue` in the snapshot. */
  get state(): State {
    return this.#state;
  }

  /** Enforce, observe or off. */
  get mode(): Mode {
    return this.#config.mode;
  }

  /** Why it is in this state; undefined before the first change. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Nobody would miss it: closed, no call under way, no override. @internal */
  get isIdle(): boolean {
    return this.#state === 'closed' && this.#tally.inFlight === 0 && this.#override === null;
  }

  /** Nothing that it remembers speaks against its dependency. @internal */
  isSpotless(nowMs: number): boolean {
    return this.#judge.isSpotless(nowMs);
  }

  /** Open, but nobody has come for the trial that is due. @internal */
  isAbandoned(nowMs: number): boolean {
    return this.#state === 'open' && nowMs >= this.#openUntilMs && this.#override === null;
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
    slot.permitGeneration = this.#generation;
    slot.permitTrial = -1;
    this.#tally.inFlight++;
    return true;
  }

  /** Takes in how a call ended, after how many milliseconds; does nothing for a slot without a permit. Without `nowMs` the clock is read. */
  settle(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs?: number): void {
    const generation = slot.permitGeneration;
    if (generation === NO_PERMIT) return;
    slot.permitGeneration = NO_PERMIT;
    this.#tally.end(outcome);
    if (generation !== this.#generation) return;
    const now = nowMs ?? this.#clock.now();
    if (this.#override !== null) this.#passTime(now);
    if (this.#state === 'halfOpen') this.#settleTrial(slot.permitTrial, outcome, durationMs, now);
    else if (outcome !== 'ignored') this.#settleClosed(outcome === 'failure', durationMs, now);
  }

  /** A call that is still under way has been answered: the first message of a stream. A trial that outlives its lease has succeeded then. */
  answered(slot: PermitSlot): void {
    if (slot.permitTrial >= 0 && slot.permitGeneration === this.#generation) this.#currentTrials().answer(slot.permitTrial);
  }

  /** Why a call is refused at this moment, for the error that its caller gets. */
  rejection(nowMs: number): Rejection {
    return { reason: this.#rejectionReason(), retryInMs: this.#retryInMs(nowMs), verdict: this.#verdict };
  }

  /** How it stands now. */
  snapshot(): BreakerSnapshot {
    const now = this.#clock.now();
    this.#passTime(now);
    return {
      name: this.name,
      state: this.#state,
      mode: this.#config.mode,
      override: this.#override,
      inStateMs: now - this.#sinceMs,
      verdict: this.#verdict,
      trialDue: this.#state === 'open' && now >= this.#openUntilMs,
      retryInMs: this.#retryInMs(now),
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
    const now = this.#clock.now();
    this.#passTime(now);
    if (this.#state === 'open' || this.#override !== null || this.#config.mode === 'off') return false;
    this.#open({ reason: 'manual', message: reason }, now);
    return true;
  }

  /** As new: closed, nothing remembered, no override. Counts stay. */
  reset(): void {
    const now = this.#clock.now();
    if (this.#override !== null) this.#setOverride(null, 'reset', Infinity, now);
    this.#judge.clear();
    if (this.#state !== 'closed') this.#change('closed', { reason: 'reset' }, now);
    else this.#generation++;
  }

  #acquireWithCare(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean {
    this.#passTime(nowMs);
    slot.permitTrial = -1;
    if (this.#state === 'open' && nowMs >= this.#openUntilMs) {
      this.#change('halfOpen', { reason: 'openPeriodOver', openMs: nowMs - this.#sinceMs }, nowMs);
    }
    // Asked last: a listener of the change may have closed it.
    if (this.#state === 'closed') return this.#admit(slot, this.#config.mode === 'off' ? UNJUDGED : this.#generation);
    if (this.#state === 'halfOpen') {
      slot.permitTrial = this.#currentTrials().grant(nowMs, deadlineMs);
      if (slot.permitTrial >= 0) return this.#admit(slot, this.#generation);
    }
    if (this.#config.mode === 'observe' && this.#override === null) {
      this.#tally.wouldReject++;
      return this.#admit(slot, UNJUDGED);
    }
    slot.permitGeneration = NO_PERMIT;
    this.#tally.reject(this.#rejectionReason());
    return false;
  }

  #admit(slot: PermitSlot, generation: number): true {
    slot.permitGeneration = generation;
    this.#tally.inFlight++;
    return true;
  }

  #rejectionReason(): RejectionReason {
    if (this.#override === 'forcedOpen') return 'forced';
    return this.#state === 'halfOpen' ? 'halfOpen' : 'open';
  }

  #retryInMs(nowMs: number): number {
    if (this.#override === 'forcedOpen') return Math.max(0, this.#overrideUntilMs - nowMs);
    if (this.#state === 'open') return Math.max(0, this.#openUntilMs - nowMs);
    return this.#state === 'closed' ? 0 : this.#currentTrials().nextPlaceInMs(nowMs);
  }

  #settleClosed(failed: boolean, durationMs: number, nowMs: number): void {
    const met = this.#judge.record(failed, durationMs, nowMs);
    if (met !== undefined && this.#override === null) this.#open(met.verdict(), nowMs);
  }

  #settleTrial(place: number, outcome: Outcome, durationMs: number, nowMs: number): void {
    const trials = this.#currentTrials();
    // What this call itself says comes before its lease; a success after the lease is too late.
    if (outcome === 'ignored') return trials.giveBack(place);
    if (outcome === 'failure') return this.#open({ reason: 'trialFailed', durationMs }, nowMs);
    this.#expireTrials(nowMs);
    if (this.#state !== 'halfOpen') return;
    const { slowerThanMs } = this.#judge;
    if (durationMs > slowerThanMs) return this.#open({ reason: 'trialSlow', durationMs, slowerThanMs }, nowMs);
    trials.succeed(place);
    this.#closeIfProven(nowMs);
  }

  #closeIfProven(nowMs: number): void {
    if (this.#currentTrials().haveSucceeded)
      this.#change('closed', { reason: 'trialsSucceeded', trials: this.#config.trials }, nowMs);
  }

  /** What time alone changes: an override that ends, a trial whose lease ends. */
  #passTime(nowMs: number): void {
    if (this.#override !== null && nowMs >= this.#overrideUntilMs) this.#setOverride(null, 'expired', Infinity, nowMs);
    if (this.#state === 'halfOpen') this.#expireTrials(nowMs);
  }

  #expireTrials(nowMs: number): void {
    const leaseMs = this.#currentTrials().expire(nowMs);
    if (leaseMs >= 0) this.#open({ reason: 'trialExpired', leaseMs }, nowMs);
    else this.#closeIfProven(nowMs);
  }

  #setOverride(override: Override | null, reason: string, untilMs: number, nowMs: number): void {
    const before = this.#override;
    this.#override = override;
    this.#overrideUntilMs = untilMs;
    this.#passing = this.#state === 'closed' && override === null && this.#config.mode !== 'off';
    const apply = () => this.#applyOverride(before, { reason: 'forced', message: reason }, nowMs);
    if (before === override) apply();
    else this.#events.emitAfter({ type: 'override', breaker: this.name, override, reason, atMs: nowMs }, apply);
  }

  #applyOverride(before: Override | null, verdict: Verdict, nowMs: number): void {
    if (before === 'forcedClosed') this.#judge.clear(); // What was let through against the judgement is no evidence.
    if (this.#override === 'forcedOpen' && this.#state === 'open') {
      this.#openUntilMs = Infinity;
      this.#verdict = verdict;
    } else if (this.#override === 'forcedOpen') this.#change('open', verdict, nowMs, Infinity);
    else if (this.#state === 'closed') return;
    else if (this.#override === 'forcedClosed' || this.#config.mode === 'off') this.#change('closed', verdict, nowMs);
    else if (before === 'forcedOpen') this.#openUntilMs = nowMs;
  }

  #open(verdict: Verdict, nowMs: number): void {
    this.#change('open', verdict, nowMs, this.#openPeriod.next());
  }

  #change(to: State, verdict: Verdict, nowMs: number, openForMs = 0): void {
    const from = this.#state;
    if (!isLegalTransition(from, to)) throw new Error(`breaker ${this.name}: ${from} -> ${to} is not a legal transition`);
    const lastedMs = nowMs - this.#sinceMs;
    this.#state = to;
    this.#generation++;
    this.#sinceMs = nowMs;
    this.#verdict = verdict;
    this.#passing = to === 'closed' && this.#override === null && this.#config.mode !== 'off';
    if (to === 'open') this.#openUntilMs = nowMs + openForMs;
    else if (to === 'halfOpen') this.#currentTrials().clear();
    else this.#openPeriod.reset();
    this.#judge.clear(); // Evidence does not outlive a state.
    const { mode } = this.#config;
    this.#events.emit({ type: 'transition', breaker: this.name, from, to, verdict, atMs: nowMs, lastedMs, openForMs, mode });
  }

  #currentTrials(): Trials {
    this.#trials ??= new Trials(this.#config.trials, this.#config.leaseMs);
    return this.#trials;
  }
}
