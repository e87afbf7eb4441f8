import type { BreakerConfig } from '../options.ts';
import type { Judge } from '../trip/judge.ts';
import type { OpeningVerdict, Verdict } from '../verdict.ts';
import { Trials } from './trials.ts';

/** What half-open trials lead to. */
export type Decision =
  | { readonly to: 'open'; readonly verdict: OpeningVerdict }
  | { readonly to: 'closed'; readonly verdict: Verdict };

/**
 * Half-open: trials go out, and what they say decides. With `adaptive`, its evidence does: one trial first, then as many at a time as the
 * configuration allows, until sickness or recovery is clear. Without, so many trials must all succeed.
 */
export class HalfOpen {
  readonly #judge: Judge;
  #trials: Trials;
  #wanted: number;
  #ended = 0;

  constructor(config: BreakerConfig, judge: Judge) {
    this.#judge = judge;
    this.#wanted = config.trials;
    this.#trials = new Trials(config.trials, config.leaseMs);
  }

  /** Goes on with other trials; those that are under way are no trials any more. */
  reconfigure(config: BreakerConfig): void {
    this.#wanted = config.trials;
    this.#trials = new Trials(config.trials, config.leaseMs);
    this.begin();
  }

  /** A half-open period begins. */
  begin(): void {
    this.#ended = 0;
    this.#trials.clear();
    this.#judge.adaptive?.beginTrials();
  }

  /** A ticket for a trial; -1 when none may go out now. */
  grant(nowMs: number, deadlineMs: number): number {
    return this.#trials.grant(nowMs, deadlineMs, this.#atMost(nowMs));
  }

  /** Milliseconds until the next trial may go out, at the latest. */
  nextTrialInMs(nowMs: number): number {
    return this.#trials.nextPlaceInMs(nowMs, this.#atMost(nowMs));
  }

  /** A trial said nothing: another one may take its place. */
  giveBack(ticket: number): void {
    this.#trials.giveBack(ticket);
  }

  /** A trial is still under way, but has been answered. Judged by evidence, it has succeeded: another one may go out. */
  answer(ticket: number, durationMs: number, nowMs: number): Decision | undefined {
    if (!this.#trials.holds(ticket)) return undefined;
    const tooSlow = this.#tooSlow(durationMs);
    if (tooSlow !== undefined) return tooSlow;
    if (this.#judge.adaptive !== undefined) return this.#weigh(ticket, false, durationMs, nowMs);
    this.#trials.answer(ticket);
    return undefined;
  }

  /** Takes the result of a trial in. What this call itself says comes before its lease; a success after the lease is too late. */
  settle(ticket: number, failed: boolean, durationMs: number, nowMs: number): Decision | undefined {
    if (!this.#trials.holds(ticket)) return this.#settleAnswered(ticket, failed, durationMs, nowMs);
    if (failed) return this.#fail(ticket, durationMs, nowMs);
    const expired = this.expire(nowMs);
    return expired ?? (this.#trials.holds(ticket) ? this.#succeed(ticket, durationMs, nowMs) : undefined);
  }

  /** What time alone decides: trials whose lease is over. Answered ones have succeeded. */
  expire(nowMs: number): Decision | undefined {
    for (let ticket = this.#trials.expired(nowMs); ticket >= 0; ticket = this.#trials.expired(nowMs)) {
      if (!this.#trials.isAnswered(ticket)) return this.#lose(ticket, nowMs);
      const decision = this.#succeed(ticket, -1, nowMs);
      if (decision !== undefined) return decision;
    }
    return undefined;
  }

  /** One goes first. Where it takes longer than is usual, it may be lost, and the others do not wait for it. */
  #atMost(nowMs: number): number {
    const { adaptive } = this.#judge;
    const isFirst = adaptive !== undefined && this.#ended === 0;
    return isFirst && this.#trials.longestMs(nowMs) <= adaptive.slowerThanMs ? 1 : this.#wanted;
  }

  /** It counted as a success when it was answered; that it failed later is evidence of its own. */
  #settleAnswered(ticket: number, failed: boolean, durationMs: number, nowMs: number): Decision | undefined {
    return failed && this.#judge.adaptive !== undefined ? this.#weigh(ticket, true, durationMs, nowMs) : undefined;
  }

  #lose(ticket: number, nowMs: number): Decision {
    const leaseMs = this.#trials.leaseMs(ticket);
    const { adaptive } = this.#judge;
    adaptive?.recordTrial(true, leaseMs);
    adaptive?.adoptIfLasting(nowMs);
    return { to: 'open', verdict: { reason: 'trialExpired', leaseMs } };
  }

  #fail(ticket: number, durationMs: number, nowMs: number): Decision | undefined {
    if (this.#judge.adaptive === undefined) return { to: 'open', verdict: { reason: 'trialFailed', durationMs } };
    return this.#weigh(ticket, true, durationMs, nowMs);
  }

  #succeed(ticket: number, durationMs: number, nowMs: number): Decision | undefined {
    const tooSlow = this.#tooSlow(durationMs);
    if (tooSlow !== undefined) return tooSlow;
    if (this.#judge.adaptive !== undefined) return this.#weigh(ticket, false, durationMs, nowMs);
    this.#trials.succeed(ticket);
    if (!this.#trials.haveSucceeded) return undefined;
    return { to: 'closed', verdict: { reason: 'trialsSucceeded', trials: this.#wanted } };
  }

  /** A limit that stands fast is for each trial; undefined where it holds. */
  #tooSlow(durationMs: number): Decision | undefined {
    const slowerThanMs = this.#judge.trialSlowerThanMs;
    return durationMs > slowerThanMs ? { to: 'open', verdict: { reason: 'trialSlow', durationMs, slowerThanMs } } : undefined;
  }

  #weigh(ticket: number, failed: boolean, durationMs: number, nowMs: number): Decision | undefined {
    this.#trials.giveBack(ticket);
    this.#ended++;
    const { adaptive } = this.#judge;
    const says = adaptive?.recordTrial(failed, durationMs);
    if (adaptive === undefined || says === 'unclear') return undefined;
    if (says === 'recovered') {
      adaptive.recovered();
      return { to: 'closed', verdict: { reason: 'trialsSucceeded', trials: this.#ended } };
    }
    const adopted = adaptive.adoptIfLasting(nowMs);
    return adopted === undefined ? { to: 'open', verdict: adaptive.trialsVerdict() } : { to: 'closed', verdict: adopted };
  }
}
