import { Admission } from './admission/admission.ts';
import type { Breaker } from './breaker.ts';
import type { OverrideOptions } from './dependencies.ts';
import { EngineParts } from './engine-parts.ts';
import type { BreakerConfig } from './options.ts';
import type { Outcome } from './outcome.ts';
import { NO_PERMIT, Permit, type PermitIssuer, type PermitSlot, UNJUDGED } from './permit.ts';
import type { Decision } from './recovery/half-open.ts';
import type { BreakerSnapshot } from './snapshot.ts';
import { checkDuration, checkMode, checkOverride, type Mode, type Override, type RejectionReason, type State } from './state.ts';
import { takeSnapshot } from './take-snapshot.ts';
import type { OpeningVerdict, SignalVerdict } from './verdict.ts';

/**
 * How a breaker decides. Here the parts meet: the state machine, the judge of closed and the trials of half-open, admission, and the length of
 * open periods.
 */
export class Engine extends EngineParts implements Breaker, PermitIssuer {
  tryAcquire(deadlineMs: number = Infinity): Permit | null {
    const permit = new Permit(this);
    return this.acquire(permit, this.passing ? 0 : this.clock.now(), deadlineMs) ? permit : null;
  }

  acquire(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean {
    if (!this.passing) return this.#acquireWithCare(slot, nowMs, deadlineMs);
    slot.permitGeneration = this.machine.generation;
    slot.permitTrial = -1;
    slot.permitSlow = 0;
    this.tally.inFlight++;
    return true;
  }

  settle(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs?: number, code: number = -1): void {
    const generation = slot.permitGeneration;
    if (generation === NO_PERMIT) return;
    slot.permitGeneration = NO_PERMIT;
    this.tally.end(outcome);
    const machine = this.machine;
    if (generation === UNJUDGED) this.tally.unjudged--;
    if (generation !== machine.generation) return;
    const now = nowMs ?? this.clock.now();
    if (machine.override !== null) this.#passTime(now);
    if (outcome === 'ignored') this.recovery?.trials.giveBack(slot.permitTrial);
    else if (machine.state === 'halfOpen') this.#settleTrial(slot.permitTrial, outcome, durationMs, now, code);
    else this.#settleClosed(slot, outcome, durationMs, now, code);
  }

  answered(slot: PermitSlot, durationMs: number = -1, nowMs: number = this.clock.now()): void {
    if (slot.permitTrial < 0 || slot.permitGeneration !== this.machine.generation) return;
    this.#decide(this.recovery?.trials.answer(slot.permitTrial, durationMs, nowMs), nowMs);
  }

  watch(slot: PermitSlot, ageMs: number, nowMs: number): boolean {
    const { generation, state, override } = this.machine;
    // A trial is judged when it ends: until then nobody is harmed, and a slow success is worth knowing.
    if (slot.permitGeneration !== generation || state !== 'closed') return true;
    const met = this.judge.watch(slot, ageMs, nowMs);
    if (met !== undefined && override === null) this.#open(met.verdict(nowMs), nowMs);
    return this.judge.hasSeenAll(slot);
  }

  pushBack(ms: number, nowMs: number): void {
    if (ms > 0 && ms < Infinity) this.machine.stayOpenUntil(this.afterTrip.periods.pushBack(ms, nowMs));
  }

  snapshot(): BreakerSnapshot {
    const now = this.clock.now();
    this.#passTime(now);
    const { name, mode, chosen, machine, admission } = this;
    const parts = { name, mode, chosen, machine, admission };
    return takeSnapshot({ ...parts, tally: this.tally, judge: this.judge, retryInMs: this.retryInMs(now) }, now);
  }

  override(override: Override | null, options: OverrideOptions = {}): void {
    checkOverride(override);
    checkDuration(options.forMs);
    const now = this.clock.now();
    this.#setOverride(override, options.reason ?? 'by code', now + (options.forMs ?? Infinity), now);
  }

  setMode(mode: Mode | null, options: OverrideOptions = {}): void {
    checkMode(mode);
    checkDuration(options.forMs);
    const now = this.clock.now();
    this.#choose(mode, options.reason ?? 'by code', now + (options.forMs ?? Infinity), now);
  }

  trip(reason: string): boolean {
    return this.#trip({ reason: 'manual', message: reason }, 0);
  }

  tripBySignal(signal: Omit<SignalVerdict, 'reason' | 'evidence'>, holdForMs: number = 0): boolean {
    return this.#trip({ reason: 'signal', ...signal }, holdForMs > 0 ? holdForMs : 0);
  }

  reset(reason?: string): void {
    const now = this.clock.now();
    const machine = this.machine;
    if (machine.override !== null) this.#setOverride(null, 'reset', Infinity, now);
    this.judge.forget();
    this.admission?.clear();
    if (machine.state !== 'closed')
      machine.change('closed', { reason: 'reset', ...(reason !== undefined && { message: reason }) }, now);
    machine.generation++;
    this.admission?.cancelRamp();
    this.look();
    this.recovery?.periods.reset();
  }

  reconfigure(config: BreakerConfig): void {
    const now = this.clock.now();
    this.#passTime(now);
    const { mode } = this;
    const { trip, trials, leaseMs } = this.config;
    this.config = config;
    const rejudges = this.judge.reconfigure(trip, config.trip);
    const renewsTrials = rejudges || trials !== config.trials || leaseMs !== config.leaseMs;
    // Slots of calls under way say what the conditions of before knew of them, and trials are those of before.
    if (rejudges || (renewsTrials && this.machine.state === 'halfOpen')) this.machine.generation++;
    this.recovery?.reconfigure(config, renewsTrials);
    const mayRefuse = config.shed !== undefined || config.maxConcurrent !== Infinity;
    if (mayRefuse || this.admission !== undefined) (this.admission ??= new Admission(config, this.random)).reconfigure(config);
    this.#modeChanged(mode, 'policy', now);
  }

  stateChanged(from: State, to: State, nowMs: number): void {
    if (from === 'closed') this.afterTrip.outageBegins(nowMs);
    this.judge.clear(); // Evidence does not outlive a state.
    this.admission?.cancelRamp();
    if (to === 'halfOpen') this.afterTrip.trials.begin();
    else if (to === 'closed') this.#close(nowMs);
    this.look();
  }

  #trip(verdict: OpeningVerdict, holdForMs: number): boolean {
    const now = this.clock.now();
    this.#passTime(now);
    const { state, override } = this.machine;
    if (override !== null || this.mode === 'off') return false;
    if (state === 'open') this.machine.stayOpenUntil(now + holdForMs);
    else this.#open(verdict, now, holdForMs);
    return state !== 'open';
  }

  #acquireWithCare(slot: PermitSlot, nowMs: number, deadlineMs: number): boolean {
    this.#passTime(nowMs);
    slot.permitTrial = -1;
    slot.permitSlow = 0;
    const machine = this.machine;
    if (machine.isTrialDue(nowMs)) {
      machine.change('halfOpen', { reason: 'openPeriodOver', openMs: nowMs - machine.sinceMs }, nowMs);
    }
    // Asked last: a listener of the change may have closed it.
    if (machine.state === 'closed') return this.#acquireClosed(slot, nowMs);
    if (machine.state === 'halfOpen') {
      slot.permitTrial = this.afterTrip.trials.grant(nowMs, deadlineMs);
      if (slot.permitTrial >= 0) return this.#admit(slot, machine.generation);
    }
    return this.#refuse(slot, this.machine.refusal, nowMs);
  }

  #acquireClosed(slot: PermitSlot, nowMs: number): boolean {
    if (this.mode === 'off') return this.#admit(slot, UNJUDGED);
    const isRefused = this.machine.override === null && this.admission?.refuses(this.tally.judged, nowMs) === true;
    return isRefused ? this.#refuse(slot, this.admission?.refusal ?? 'ramp', nowMs) : this.#admit(slot, this.machine.generation);
  }

  #admit(slot: PermitSlot, generation: number): true {
    slot.permitGeneration = generation;
    this.tally.inFlight++;
    if (generation === UNJUDGED) this.tally.unjudged++;
    return true;
  }

  /** Observing, the call passes all the same, but what becomes of it is not judged. */
  #refuse(slot: PermitSlot, reason: RejectionReason, nowMs: number): boolean {
    this.machine.refused(nowMs, this.config.backoffRefused);
    if (this.mode === 'observe' && this.machine.override === null) {
      this.tally.wouldReject(reason);
      return this.#admit(slot, UNJUDGED);
    }
    slot.permitGeneration = NO_PERMIT;
    this.tally.reject(reason);
    return false;
  }

  #settleClosed(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs: number, code: number): void {
    if (this.admission?.endRamp(nowMs) === true) this.look();
    const rampFailed = this.passing ? undefined : this.admission?.record(outcome, nowMs);
    const met = this.judge.record(slot, outcome === 'failure', durationMs, nowMs, code);
    if (this.machine.override !== null) return;
    if (met !== undefined) this.#open(met.verdict(nowMs), nowMs);
    else if (rampFailed !== undefined) this.#open(rampFailed, nowMs);
  }

  #settleTrial(ticket: number, outcome: Outcome, durationMs: number, nowMs: number, code: number): void {
    const failed = outcome === 'failure';
    if (failed || this.judge.isSlow(durationMs)) this.judge.note(failed, durationMs, nowMs, code);
    this.#decide(this.afterTrip.trials.settle(ticket, failed, durationMs, nowMs), nowMs);
  }

  #decide(decision: Decision | undefined, nowMs: number): void {
    if (decision?.to === 'open') this.#open(decision.verdict, nowMs);
    else if (decision?.to === 'closed') this.machine.change('closed', decision.verdict, nowMs);
  }

  /** What time alone changes: an override that ends, a trial whose lease ends, a ramp that is over. */
  #passTime(nowMs: number): void {
    const machine = this.machine;
    this.#endChoice(nowMs);
    if (machine.overrideSaid !== undefined && nowMs >= machine.overrideSaid.untilMs)
      this.#setOverride(null, 'expired', Infinity, nowMs);
    if (machine.state === 'halfOpen') this.#decide(this.afterTrip.trials.expire(nowMs), nowMs);
    if (this.admission?.endRamp(nowMs) === true) this.look();
  }

  #setOverride(override: Override | null, reason: string, untilMs: number, nowMs: number): void {
    this.machine.setOverride(override, reason, untilMs, nowMs, (before) => {
      if (before === 'forcedClosed') this.judge.clear(); // What was let through against the judgement is no evidence.
      if (override === 'forcedClosed') this.admission?.cancelRamp();
      this.look();
    });
  }

  #endChoice(nowMs: number): void {
    if (this.chosen !== undefined && nowMs >= this.chosen.untilMs) this.#choose(null, 'expired', Infinity, nowMs);
  }

  #choose(mode: Mode | null, reason: string, untilMs: number, nowMs: number): void {
    const before = this.mode;
    this.chosen = mode === null ? undefined : { mode, reason, untilMs };
    this.#modeChanged(before, reason, nowMs);
  }

  #modeChanged(before: Mode, reason: string, nowMs: number): void {
    this.look();
    if (this.mode === before) return;
    // What was seen before it was off is old when it is on again.
    if (this.mode === 'off') this.judge.clear();
    this.machine.modeChanged(this.mode, reason, nowMs);
  }

  #open(verdict: OpeningVerdict, nowMs: number, atLeastMs = 0): void {
    this.#endChoice(nowMs);
    if (this.mode === 'off') return;
    const { periods } = this.afterTrip;
    const openForMs = Math.max(periods.next(nowMs), atLeastMs);
    const earliestMs = Math.max(periods.earliestMs, atLeastMs);
    this.machine.change('open', this.judge.withEvidence(verdict), nowMs, openForMs, earliestMs);
  }

  #close(nowMs: number): void {
    const rampMs = this.afterTrip.outageEnds(this.machine.verdict, nowMs);
    if (rampMs <= 0) return;
    this.admission ??= new Admission(this.config, this.random);
    this.admission.beginRamp(nowMs, rampMs);
  }
}
