import { type ChartPlan, type ChartPlans, CLEARED, CONFIRMED } from './chart-plan.ts';
import { ShareBaseline } from './share-baseline.ts';

/** After so many quiet calls the baseline takes them in. */
const BATCH = 256;

/** calm: learning. suspected: a burst of trouble may explain it, so its time must pass. confirming: what comes now decides. */
type Stage = 'calm' | 'suspected' | 'confirming';

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
  /** Evidence, in nats; of the second stage once that began. */
  #score = 0;
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

  constructor(plans: ChartPlans, halfLifeMs: number, warmUp: number) {
    this.#plans = plans;
    this.#warmUp = warmUp;
    this.baseline = new ShareBaseline(halfLifeMs, warmUp);
    this.#plan = plans.prior;
  }

  /** Nothing speaks against the dependency. */
  get isCalm(): boolean {
    return this.#score === 0 && this.#stage === 'calm';
  }

  /** What it works with now. */
  get plan(): ChartPlan {
    return this.#plan;
  }

  /** Evidence in nats. */
  get score(): number {
    return this.#score;
  }

  /** At which evidence it trips, or goes on to its second stage. */
  threshold(burstMs: number): number {
    if (this.#stage !== 'calm') return CONFIRMED;
    return burstMs === 0 ? this.#plan.alarm : this.#plan.suspicion;
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

  /**
   * Takes a result in; true when it trips.
   * @param burstMs - how long a burst of trouble may last that must not trip; 0 where every trouble may
   */
  record(isHit: boolean, nowMs: number, burstMs: number): boolean {
    if (!isHit && this.#score === 0 && this.#stage === 'calm') {
      if (++this.#quiet >= BATCH) this.#learn(nowMs);
      return false;
    }
    return this.#recordSuspicion(isHit, nowMs, burstMs);
  }

  /** A hit that no burst explains: it confirms a suspicion at once. */
  recordBeyondBurst(): boolean {
    if (this.#stage === 'calm') return false;
    if (this.#stage === 'suspected') this.#confirm();
    this.#score += this.#plan.hit;
    return this.#score >= CONFIRMED;
  }

  /** Forgets the suspicion, if there is one. */
  clear(): void {
    this.#score = 0;
    this.#stage = 'calm';
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

  #recordSuspicion(isHit: boolean, nowMs: number, burstMs: number): boolean {
    if (this.isCalm) this.#sinceMs = nowMs;
    this.#calls++;
    if (isHit) this.#hits++;
    if (this.#stage === 'suspected') {
      if (nowMs < this.#confirmFromMs) {
        this.#burstCalls++;
        if (isHit) this.#burstHits++;
        return false;
      }
      this.#confirm();
    }
    this.#score += isHit ? this.#plan.hit : -this.#plan.miss;
    if (this.#stage === 'confirming') {
      if (this.#score >= CONFIRMED) return true;
      if (this.#score <= CLEARED) this.#acquit(nowMs);
    } else if (this.#score < this.#plan.miss / 2) this.#acquit(nowMs);
    else if (burstMs === 0) return this.#score >= this.#plan.alarm;
    else if (this.#score >= this.#plan.suspicion) {
      this.#stage = 'suspected';
      this.#confirmFromMs = nowMs + burstMs;
    }
    return false;
  }

  #confirm(): void {
    this.#stage = 'confirming';
    this.#score = 0;
  }

  /** It was chance, or a burst: what chance explains belongs to the baseline. */
  #acquit(nowMs: number): void {
    this.baseline.add(this.#calls - this.#burstCalls, this.#hits - this.#burstHits, nowMs);
    this.clear();
    this.#learn(nowMs);
  }

  #learn(nowMs: number): void {
    this.baseline.add(this.#quiet, 0, nowMs);
    this.#quiet = 0;
    if (this.baseline.calls >= this.#warmUp) this.#plan = this.#plans.for(this.baseline.upperBound);
  }
}
