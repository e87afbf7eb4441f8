import type { ChartPlan, ChartPlans } from './chart-plan.ts';
import { ShareBaseline } from './share-baseline.ts';

/** After so many quiet calls the baseline takes them in. */
export const BATCH = 256;

/**
 * calm: learning. suspected: a burst of trouble may explain it, so its time must pass. confirming: what comes now decides. beyondBurst: no burst
 * explains it, so all evidence decides, as it does without bursts.
 */
type Stage = 'calm' | 'suspected' | 'confirming' | 'beyondBurst';

/**
 * A cumulative sum of evidence that hits (failures, or slow calls) are more than usual: a Bernoulli CUSUM (Page 1954; optimal for a given rate of
 * false alarms, Moustakides 1986), against a baseline that it learns itself. Results that belong to a suspicion are learned only when it has
 * proved to be none.
 */
export class Chart {
  readonly #plans: ChartPlans;
  readonly #warmUp: number;
  readonly baseline: ShareBaseline;
  #plan: ChartPlan;
  #stage: Stage = 'calm';
  /** Steps of evidence; of the second stage once that began. Whole numbers: a call moves them without a fraction on the heap. */
  #score = 0;
  /** Nothing speaks against the dependency. */
  isCalm = true;
  /** How long a burst of trouble may last that must not trip, in milliseconds; 0 where every trouble may. */
  burstMs: number;
  /** Quiet calls that the baseline has not taken in yet. */
  #quiet = 0;
  /** Of this suspicion. */
  #calls = 0;
  #hits = 0;
  #sinceMs = 0;
  #confirmFromMs = 0;
  /** Results while a burst's time passed: never learned. */
  #burstCalls = 0;
  #burstHits = 0;

  constructor(plans: ChartPlans, burstMs: number, halfLifeMs: number, warmUp: number) {
    this.burstMs = burstMs;
    this.#plans = plans;
    this.#warmUp = warmUp;
    this.baseline = new ShareBaseline(halfLifeMs, warmUp);
    this.#plan = plans.prior;
  }

  /** A burst's time passes: what comes now may be the burst. */
  get isWaiting(): boolean {
    return this.#stage === 'suspected';
  }

  /** What it works with now. */
  get plan(): ChartPlan {
    return this.#plan;
  }

  /** Evidence in nats. */
  get score(): number {
    return this.#score * this.#plan.nats;
  }

  /** At which evidence, in nats, it trips, or goes on to its second stage. */
  get threshold(): number {
    const { alarm, suspicion, confirmed, nats } = this.#plan;
    if (this.#stage === 'suspected' || this.#stage === 'confirming') return confirmed * nats;
    return (this.burstMs === 0 || this.#stage === 'beyondBurst' ? alarm : suspicion) * nats;
  }

  /** Failed, or slow, calls since the suspicion began. */
  get hits(): number {
    return this.#hits;
  }

  /** Calls since the suspicion began. */
  get calls(): number {
    return this.#calls;
  }

  /** When the suspicion began. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Takes a result in; true when it trips. */
  record(isHit: boolean, nowMs: number): boolean {
    if (isHit || !this.isCalm) return this.#recordSuspicion(isHit, nowMs);
    if (++this.#quiet >= BATCH) this.learn(0, nowMs);
    return false;
  }

  /** Goes on from what another one has learned. */
  inherit(other: Chart): void {
    this.baseline.inherit(other.baseline);
    this.#choosePlan();
  }

  /** Learns calls that were no hits, with those that it has seen itself. */
  learn(calls: number, nowMs: number): void {
    const all = calls + this.#quiet;
    this.#quiet = 0;
    this.#learn(all, 0, nowMs);
  }

  /** Learns a result without judging it. */
  learnOnly(isHit: boolean, nowMs: number): void {
    if (isHit) this.#learn(1, 1, nowMs);
    else if (++this.#quiet >= BATCH) this.learn(0, nowMs);
  }

  /**
   * A hit that was taken in before turns out to be one that no burst explains: true when it trips. It is no fresh evidence, so it ends the wait and proves
   * nothing more: what there is must be enough without a second stage.
   */
  recordBeyondBurst(): boolean {
    if (this.#stage !== 'suspected' && this.#stage !== 'beyondBurst') return false;
    this.#stage = 'beyondBurst';
    return this.#score >= this.#plan.alarm;
  }

  /** Forgets the suspicion, if there is one. */
  clear(): void {
    this.#score = 0;
    this.#stage = 'calm';
    this.isCalm = true;
    this.#calls = 0;
    this.#hits = 0;
    this.#burstCalls = 0;
    this.#burstHits = 0;
  }

  /** As new. */
  forget(): void {
    this.clear();
    this.#quiet = 0;
    this.baseline.clear();
    this.#plan = this.#plans.prior;
  }

  #recordSuspicion(isHit: boolean, nowMs: number): boolean {
    if (this.isCalm) this.#suspect(nowMs);
    this.#calls++;
    if (isHit) this.#hits++;
    if (this.#stage !== 'calm') return this.#recordSecondStage(isHit, nowMs);
    const { up, alarm, suspicion } = this.#plan;
    if (!isHit) {
      if (--this.#score === 0) this.#acquit(nowMs);
      return false;
    }
    this.#score += up;
    if (this.burstMs === 0) return this.#score >= alarm;
    if (this.#score >= suspicion) {
      this.#stage = 'suspected';
      this.#confirmFromMs = nowMs + this.burstMs;
    }
    return false;
  }

  #recordSecondStage(isHit: boolean, nowMs: number): boolean {
    if (this.#stage === 'suspected') {
      if (nowMs < this.#confirmFromMs) {
        this.#wait(isHit, nowMs);
        return false;
      }
      this.#confirm();
    }
    const { up, alarm, confirmed, cleared } = this.#plan;
    const isBeyond = this.#stage === 'beyondBurst';
    this.#score += isHit ? up : -1;
    if (this.#score <= (isBeyond ? 0 : cleared)) this.#acquit(nowMs);
    return this.#score >= (isBeyond ? alarm : confirmed);
  }

  /**
   * A burst's time passes. The evidence must stand over the threshold all that time: a suspicion by chance, which does not, must not have
   * waited already when a burst begins.
   */
  #wait(isHit: boolean, nowMs: number): void {
    this.#burstCalls++;
    if (isHit) this.#burstHits++;
    const { up, suspicion } = this.#plan;
    this.#score += isHit ? up : -1;
    if (this.#score <= 0) this.#acquit(nowMs);
    else if (this.#score < suspicion) this.#confirmFromMs = Infinity;
    else if (this.#confirmFromMs === Infinity) this.#confirmFromMs = nowMs + this.burstMs;
  }

  #suspect(nowMs: number): void {
    this.isCalm = false;
    this.#sinceMs = nowMs;
  }

  #confirm(): void {
    this.#stage = 'confirming';
    this.#score = 0;
  }

  /** It was chance, or a burst: what chance explains belongs to the baseline. */
  #acquit(nowMs: number): void {
    const calls = this.#calls - this.#burstCalls;
    const hits = this.#hits - this.#burstHits;
    this.clear();
    this.#learn(calls, hits, nowMs);
  }

  #learn(calls: number, hits: number, nowMs: number): void {
    this.baseline.add(calls, hits, nowMs);
    this.#choosePlan();
  }

  #choosePlan(): void {
    if (this.baseline.calls >= this.#warmUp) this.#plan = this.#plans.for(this.baseline.upperBound);
  }
}
