import type { BreakerEvent } from '../../../src/core/events.ts';
import type { BreakerConfig } from '../../../src/core/options.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { BreakerSnapshot, CallCounts } from '../../../src/core/snapshot.ts';
import type { Override, RejectionReason, State } from '../../../src/core/state.ts';
import type { OpeningVerdict, Verdict } from '../../../src/core/verdict.ts';
import { ReferenceAdmission } from './reference-admission.ts';
import { evidenceByHand, type Noted } from './reference-evidence.ts';
import { judgeByHand, type Result, snapshotByHand } from './reference-trip.ts';

/** A call that the reference let through, and all that happened to it. */
export interface ReferenceCall {
  /** The era in which it began; 0 for a call that is not judged. */
  readonly era: number;
  readonly isTrial: boolean;
  readonly leaseMs: number;
  readonly leaseEndsMs: number;
  /** Its first message has come. */
  isAnswered: boolean;
  /** A trial that was still being answered when its lease ended: it has succeeded. */
  hasOutlived: boolean;
  /** It was counted as slow while it was under way. */
  wasSlow: boolean;
  outcome: Outcome | undefined;
}

/**
 * The breaker as design.md tells it, slow and obvious: it keeps every call and every result, and looks at all of them each time.
 * An era is the time between two changes of state (or resets). Names it must share with the real one are shared, nothing else.
 */
export class ReferenceBreaker {
  state: State = 'closed';
  verdict: Verdict | undefined;
  readonly events: BreakerEvent[] = [];
  readonly calls: ReferenceCall[] = [];
  /** Every lease that was over when a trial was last found to have expired. */
  expiredLeases: number[] = [];
  readonly #config: BreakerConfig;
  readonly #now: () => number;
  readonly #random: () => number;
  #era = 1;
  #sinceMs: number;
  #results: Result[] = [];
  #openEndsMs = 0;
  #opensInARow = 0;
  /** Refused since it opened: enough of them end a period that has grown, though not before the first length. */
  #refusedSinceOpen = 0;
  #openAtLeastMs = 0;
  #override: { kind: Override; reason: string; endsMs: number } | undefined;
  #refused: Record<RejectionReason, number> = { open: 0, halfOpen: 0, ramp: 0, shed: 0, concurrency: 0, forced: 0 };
  /** Why a call was refused last. */
  refusal: RejectionReason | undefined;
  readonly #admission: ReferenceAdmission;
  #noted: Noted[] = [];
  #leftClosedMs = 0;
  /** When it last closed by itself; Infinity while it has not closed since a trip. */
  #closedMs = Number.NEGATIVE_INFINITY;
  #pushedBackUntilMs = Number.NEGATIVE_INFINITY;
  #wouldReject: Record<RejectionReason, number> = { ...this.#refused };

  constructor(config: BreakerConfig, now: () => number, random: () => number) {
    this.#config = config;
    this.#now = now;
    this.#random = random;
    this.#sinceMs = now();
    this.#admission = new ReferenceAdmission(config, now, random);
  }

  /** The call, or undefined when it is refused. */
  acquire(deadlineMs: number): ReferenceCall | undefined {
    this.look();
    const now = this.#now();
    if (this.#override?.kind === 'forcedOpen') return this.#refuse('forced');
    if (this.state === 'open' && now >= this.#openEndsMs) {
      this.#change('halfOpen', { reason: 'openPeriodOver', openMs: now - this.#sinceMs });
    }
    if (this.state === 'closed') return this.#acquireClosed();
    if (this.state === 'halfOpen' && this.#trials().length < this.#config.trials) {
      const { leaseMs } = this.#config;
      return this.#admit(true, deadlineMs > 0 ? Math.min(deadlineMs, leaseMs) : leaseMs);
    }
    return this.#refuse(this.state);
  }

  settle(call: ReferenceCall, outcome: Outcome, durationMs: number, code: number): void {
    if (call.outcome !== undefined) return;
    const failed = outcome === 'failure';
    const isTrialOfNow = call.era === this.#era && this.state === 'halfOpen';
    if (isTrialOfNow && outcome !== 'ignored') this.#note(failed, durationMs, code, call);
    if (call.era === this.#era && outcome === 'success') this.#expireTrials();
    call.outcome = outcome;
    if (call.era !== this.#era) return;
    if (this.#override !== undefined) this.look();
    if (this.state === 'halfOpen') this.#trialEnded(outcome, durationMs);
    else if (outcome !== 'ignored') this.#closedEnded(call, failed, durationMs, code);
  }

  /** A call under way is so old; true where nothing more is to be learned of it. */
  watch(call: ReferenceCall, ageMs: number): boolean {
    const { slowCallRate } = this.#config.trip;
    if (call.outcome !== undefined || call.era !== this.#era || this.state !== 'closed' || slowCallRate === undefined)
      return true;
    if (call.wasSlow || ageMs <= slowCallRate.slowerThanMs) return call.wasSlow;
    this.#note(false, ageMs, -1, call);
    call.wasSlow = true;
    this.#results.push({ atMs: this.#now(), failed: undefined, durationMs: ageMs });
    const verdict = judgeByHand(this.#config.trip, this.#results, this.#now());
    if (verdict !== undefined && this.#override === undefined) this.#open(verdict);
    return true;
  }

  pushBack(ms: number): void {
    if (!(ms > 0) || ms === Infinity) return;
    const { openForMs, backoffMaxMs } = this.#config;
    const untilMs = this.#now() + Math.min(ms, Math.max(openForMs, backoffMaxMs));
    this.#pushedBackUntilMs = Math.max(this.#pushedBackUntilMs, untilMs);
    this.#stayOpen(this.#pushedBackUntilMs);
  }

  trip(verdict: OpeningVerdict, holdForMs: number): boolean {
    this.look();
    if (this.#override !== undefined || this.#config.mode === 'off') return false;
    const wasOpen = this.state === 'open';
    if (wasOpen) this.#stayOpen(this.#now() + holdForMs);
    else this.#open(verdict, holdForMs);
    return !wasOpen;
  }

  reset(): void {
    if (this.#override !== undefined) this.override(null, 'reset', Infinity);
    this.#admission.forget();
    this.#noted = [];
    this.#beginAnew();
    if (this.state !== 'closed') this.#change('closed', { reason: 'reset' });
    else this.#newEra();
  }

  override(kind: Override | null, reason: string, forMs: number): void {
    const before = this.#override?.kind ?? null;
    const atMs = this.#now();
    this.#override = kind === null ? undefined : { kind, reason, endsMs: atMs + forMs };
    if (before !== kind) this.events.push({ type: 'override', breaker: 'model', override: kind, reason, atMs });
    if (before === 'forcedClosed') this.#forgetEvidence();
    if (kind === 'forcedClosed') this.#admission.cancelRamp();
    const verdict: Verdict = { reason: 'forced', message: reason };
    if (kind === 'forcedOpen') {
      if (this.state !== 'open') this.#change('open', verdict, Infinity);
      this.#stayOpen(Infinity);
      this.verdict = verdict;
    }
    if (kind === 'forcedClosed' && this.state !== 'closed') this.#change('closed', verdict);
    if (kind === null && before === 'forcedOpen') {
      if (this.#config.mode === 'off') this.#change('closed', verdict);
      else this.#openEndsMs = atMs;
    }
  }

  /** What a call or a snapshot sees first: an override that ended, a trial that was not answered in time. */
  look(): void {
    if (this.#override !== undefined && this.#now() >= this.#override.endsMs) this.override(null, 'expired', Infinity);
    this.#expireTrials();
  }

  snapshot(): BreakerSnapshot {
    this.look();
    const { mode, trip } = this.#config;
    return {
      name: 'model',
      state: this.state,
      mode,
      override: this.#override?.kind ?? null,
      overrideReason: this.#override?.reason,
      overrideEndsInMs: this.#override === undefined ? 0 : this.#override.endsMs - this.#now(),
      chosenMode: null,
      inStateMs: this.#now() - this.#sinceMs,
      verdict: this.verdict,
      trialDue: this.state === 'open' && this.#now() >= this.#openEndsMs,
      retryInMs: this.retryInMs(),
      admittedShare: this.#admittedShare(),
      inFlight: this.inFlight(),
      counts: this.counts(),
      conditions: snapshotByHand(trip, this.#results, this.#now()),
    };
  }

  counts(): CallCounts {
    const ended = (outcome: Outcome) => this.calls.filter((call) => call.outcome === outcome).length;
    return {
      success: ended('success'),
      failure: ended('failure'),
      ignored: ended('ignored'),
      rejected: { ...this.#refused },
      wouldReject: { ...this.#wouldReject },
    };
  }

  isIdle(): boolean {
    return this.state === 'closed' && this.inFlight() === 0 && this.#override === undefined;
  }

  inFlight(): number {
    return this.calls.filter((call) => call.outcome === undefined).length;
  }

  retryInMs(): number {
    return Math.max(0, this.#passesAgainAtMs() - this.#now());
  }

  /** When the override ends; undefined without one. */
  overrideEndsMs(): number | undefined {
    return this.#override?.endsMs;
  }

  #passesAgainAtMs(): number {
    if (this.#override?.kind === 'forcedOpen') return this.#override.endsMs;
    if (this.state === 'open') return this.#openEndsMs;
    const trials = this.#trials();
    if (this.state === 'closed' || trials.length < this.#config.trials) return -Infinity;
    return Math.min(...trials.filter(isPending).map((trial) => trial.leaseEndsMs));
  }

  /** The trials of this half-open period that have not given their permit back. */
  #trials(): ReferenceCall[] {
    const ofThisEra = this.calls.filter((call) => call.isTrial && call.era === this.#era);
    return ofThisEra.filter((trial) => trial.outcome !== 'ignored' || trial.hasOutlived);
  }

  #expireTrials(): void {
    const expired = this.#trials().filter((trial) => isPending(trial) && this.#now() >= trial.leaseEndsMs);
    const unanswered = expired.filter((trial) => !trial.isAnswered);
    if (unanswered.length > 0) {
      this.expiredLeases = unanswered.map((trial) => trial.leaseMs);
      this.#open({ reason: 'trialExpired', leaseMs: this.expiredLeases[0] ?? Number.NaN });
      return;
    }
    for (const trial of expired) trial.hasOutlived = true;
    this.#closeIfProven();
  }

  #stayOpen(untilMs: number): void {
    if (this.state !== 'open') return;
    this.#openEndsMs = Math.max(this.#openEndsMs, untilMs);
    this.#openAtLeastMs = Math.max(this.#openAtLeastMs, untilMs);
  }

  #countRefused(): void {
    if (this.state !== 'open') return;
    this.#refusedSinceOpen++;
    const isEnough = this.#refusedSinceOpen >= this.#config.backoffRefused && this.#now() >= this.#openAtLeastMs;
    if (isEnough) this.#openEndsMs = Math.min(this.#openEndsMs, this.#now());
  }

  #acquireClosed(): ReferenceCall | undefined {
    if (this.#config.mode === 'off') return this.#admit(false);
    if (this.#override !== undefined) return this.#admit(true);
    const underWay = this.calls.filter((call) => call.outcome === undefined && call.era !== 0).length;
    const refusal = this.#admission.refusal(underWay);
    return refusal === undefined ? this.#admit(true) : this.#refuse(refusal);
  }

  #closedEnded(call: ReferenceCall, failed: boolean, durationMs: number, code: number): void {
    const rampVerdict = this.#admission.ended(failed);
    const isKnown = durationMs >= 0 && !call.wasSlow;
    this.#results.push({ atMs: this.#now(), failed, durationMs: isKnown ? durationMs : undefined });
    this.#note(failed, durationMs, code, call);
    const verdict = judgeByHand(this.#config.trip, this.#results, this.#now()) ?? rampVerdict;
    if (verdict !== undefined && this.#override === undefined) this.#open(verdict);
  }

  /** Remembers a call that failed or is slow. */
  #note(failed: boolean, durationMs: number, code: number, { wasSlow }: ReferenceCall): void {
    const isSlow = durationMs > (this.#config.trip.slowCallRate?.slowerThanMs ?? Infinity);
    if (failed || (isSlow && !wasSlow)) this.#noted.push({ atMs: this.#now(), durationMs, failed, code, isKnown: wasSlow });
  }

  #admittedShare(): number {
    if (this.state !== 'closed') return 0;
    return this.#override === undefined ? this.#admission.share() : 1;
  }

  #trialEnded(outcome: Outcome, durationMs: number): void {
    const slowerThanMs = this.#config.trip.slowCallRate?.slowerThanMs ?? Infinity;
    if (outcome === 'failure') this.#open({ reason: 'trialFailed', durationMs });
    else if (outcome === 'success' && durationMs > slowerThanMs) this.#open({ reason: 'trialSlow', durationMs, slowerThanMs });
    else if (outcome === 'success') this.#closeIfProven();
  }

  #closeIfProven(): void {
    const succeeded = this.#trials().filter((trial) => trial.outcome === 'success' || trial.hasOutlived).length;
    if (this.state !== 'halfOpen' || succeeded < this.#config.trials) return;
    this.#change('closed', { reason: 'trialsSucceeded', trials: this.#config.trials });
  }

  #open(verdict: OpeningVerdict, atLeastMs = 0): void {
    const { openForMs, backoffFactor, backoffMaxMs, jitter, stabilityMs } = this.#config;
    if (this.#now() - this.#closedMs >= stabilityMs) this.#opensInARow = 0;
    this.#closedMs = Infinity;
    let lengthMs = openForMs * backoffFactor ** this.#opensInARow;
    const mostMs = Math.max(backoffMaxMs, openForMs);
    if (lengthMs > mostMs) lengthMs = mostMs;
    this.#opensInARow++;
    const shortestMs = lengthMs - lengthMs * jitter;
    const longestMs = Math.min(lengthMs + lengthMs * jitter, mostMs);
    const drawnMs = jitter === 0 ? lengthMs : shortestMs + (longestMs - shortestMs) * this.#random();
    const evidence = evidenceByHand(this.#noted);
    const askedMs = Math.max(this.#pushedBackUntilMs - this.#now(), atLeastMs);
    const earliestMs = Math.max((drawnMs * openForMs) / lengthMs, askedMs);
    this.#change('open', evidence === undefined ? verdict : { ...verdict, evidence }, Math.max(drawnMs, askedMs), earliestMs);
  }

  #change(to: State, verdict: Verdict, openForMs = 0, openAtLeastMs = openForMs): void {
    const atMs = this.#now();
    const lastedMs = atMs - this.#sinceMs;
    const { mode } = this.#config;
    this.events.push({ type: 'transition', breaker: 'model', from: this.state, to, verdict, atMs, lastedMs, openForMs, mode });
    if (this.state === 'closed') this.#leftClosedMs = atMs;
    this.state = to;
    this.verdict = verdict;
    this.#sinceMs = atMs;
    this.#openEndsMs = atMs + openForMs;
    this.#openAtLeastMs = atMs + openAtLeastMs;
    this.#refusedSinceOpen = 0;
    this.#newEra();
    this.#admission.cancelRamp();
    if (to !== 'closed') return;
    if (verdict.reason === 'forced' || verdict.reason === 'reset') {
      this.#beginAnew();
      return;
    }
    this.#closedMs = atMs;
    this.#admission.beginRamp(atMs - this.#leftClosedMs);
  }

  /** A person knows better: the next open period is a first one. */
  #beginAnew(): void {
    this.#opensInARow = 0;
    this.#pushedBackUntilMs = Number.NEGATIVE_INFINITY;
  }

  #newEra(): void {
    this.#era++;
    this.#forgetEvidence();
  }

  #forgetEvidence(): void {
    this.#results = [];
    this.#noted = [];
  }

  #admit(isJudged: boolean, leaseMs?: number): ReferenceCall {
    const call: ReferenceCall = {
      era: isJudged ? this.#era : 0,
      isTrial: leaseMs !== undefined,
      leaseMs: leaseMs ?? Infinity,
      leaseEndsMs: this.#now() + (leaseMs ?? Infinity),
      isAnswered: false,
      hasOutlived: false,
      wasSlow: false,
      outcome: undefined,
    };
    this.calls.push(call);
    return call;
  }

  /** Observing, the call passes all the same, and is not judged. */
  #refuse(reason: RejectionReason): ReferenceCall | undefined {
    this.#countRefused();
    if (this.#config.mode === 'observe' && reason !== 'forced') {
      this.#wouldReject[reason]++;
      return this.#admit(false);
    }
    this.refusal = reason;
    this.#refused[reason]++;
    return undefined;
  }
}

function isPending(trial: ReferenceCall): boolean {
  return trial.outcome === undefined && !trial.hasOutlived;
}
