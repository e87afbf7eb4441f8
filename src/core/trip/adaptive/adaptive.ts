import type { AdaptiveConfig } from '../../options.ts';
import type { AdaptiveVerdict, BaselineAdoptedVerdict, TrialsFailedVerdict } from '../../verdict.ts';
import type { ConditionSnapshot, TripCondition } from '../condition.ts';
import type { BaselineSnapshot } from '../learned.ts';
import { Adoption } from './adoption.ts';
import { BATCH, Chart } from './chart.ts';
import { ChartPlans } from './chart-plan.ts';
import { LatencyBaseline, USUAL_QUANTILE } from './latency-baseline.ts';
import { TrialEvidence, type TrialsSay } from './trial-evidence.ts';

/**
 * The share of slow calls that must be caught: twice that of calls that may exceed the usual latency. So a method of which a share has always been
 * slow (large requests, one slow replica) is never sick for that: either the share is small enough to be learned, or the usual latency is theirs.
 */
const UNHEALTHY_SLOW = 2 * (1 - USUAL_QUANTILE);

/**
 * Two charts watch one breaker, and share its false trips: that of errors gives one in twice `falseTripEvery` calls, that of slowness one in four
 * times as many. What is left over is for what a learned baseline does not know.
 */
const ERRORS_RUN = 2;
const SLOWNESS_RUN = 4;

/** The plans for each pair of share and run length, shared by all breakers: a process has few. */
const plans = new Map<string, ChartPlans>();

function plansFor(unhealthy: number, runLength: number): ChartPlans {
  const key = `${unhealthy} ${runLength}`;
  let found = plans.get(key);
  if (found === undefined) {
    found = new ChartPlans(unhealthy, runLength);
    plans.set(key, found);
  }
  return found;
}

/**
 * Met when there are more errors, or more slow calls, than usual: change detection by two charts, against a baseline that it learns. What it has
 * learned outlives the breaker's states; while there is suspicion it learns nothing, so that an outage never becomes the new normal.
 */
export class Adaptive implements TripCondition {
  readonly #config: AdaptiveConfig;
  readonly #errors: Chart;
  readonly #slowness: Chart;
  readonly #latency: LatencyBaseline;
  #trials: TrialEvidence | undefined;
  #adoption: Adoption | undefined;
  /** Traffic is coming back. */
  #isHurried = false;
  /** Calls that said nothing new, and that the baselines have not taken in yet. */
  #quiet = 0;
  #learnAt: number;
  readonly #learnCalls: number;
  #metBySlowness = false;
  /** Over this a call is slow, as far as is known; while the share of slow calls is still being learned, nobody else is told. */
  #limitMs: number = Infinity;
  slowerThanMs: number = Infinity;
  overdueAfterMs: number = Infinity;

  constructor(config: AdaptiveConfig) {
    const { unhealthy, falseTripEvery } = config;
    // Half of the warm-up for the usual latency, half for the share of calls that are slow by it.
    this.#learnCalls = Math.ceil(config.warmUp / 2);
    this.#config = config;
    this.#learnAt = Math.min(BATCH, Math.ceil(config.warmUp / 2));
    this.#errors = new Chart(plansFor(unhealthy, falseTripEvery * ERRORS_RUN), config.blipMs, config.halfLifeMs, config.warmUp);
    this.#slowness = new Chart(
      plansFor(UNHEALTHY_SLOW, falseTripEvery * SLOWNESS_RUN),
      config.blipMs,
      config.halfLifeMs,
      this.#learnCalls,
    );
    this.#latency = new LatencyBaseline(this.#learnCalls);
  }

  get name(): 'adaptive' {
    return 'adaptive';
  }

  /** The usual latency in milliseconds; undefined until it is learned. */
  get usualLatencyMs(): number | undefined {
    return this.#latency.usualMs;
  }

  record(failed: boolean, durationMs: number, nowMs: number, wasSlow: boolean): boolean {
    const errors = this.#errors;
    const slowness = this.#slowness;
    // Almost every call of a healthy dependency ends here.
    if (!failed && errors.isCalm && slowness.isCalm && durationMs >= 0 && durationMs <= this.#limitMs) {
      this.#latency.add(durationMs);
      if (++this.#quiet >= this.#learnAt) this.#learn(nowMs);
      return false;
    }
    this.#mark();
    const isMet = errors.record(failed, nowMs);
    if (isMet) this.#metBySlowness = false;
    const isSlow = durationMs > this.#limitMs;
    // A fast failure says nothing of slowness; nor does a call that this process held up.
    if (wasSlow || !(durationMs >= 0) || (failed && !isSlow)) return isMet;
    // Taken back should there be an outage; left out, slow calls that are usual would never be learned.
    if (!failed && !errors.isWaiting && !slowness.isWaiting) this.#latency.add(durationMs);
    if (this.#isSlownessLearned) return this.#recordSlowness(isSlow, nowMs, isMet);
    // How many calls are slow anyway has to be learned first: there is no prior that fits large requests and small ones.
    if (!failed && this.#limitMs !== Infinity) slowness.learnOnly(isSlow, nowMs);
    return isMet;
  }

  recordSlow(nowMs: number): boolean {
    this.#mark();
    return this.#recordSlowness(true, nowMs, false);
  }

  recordOverdue(_nowMs: number): boolean {
    this.#metBySlowness = true;
    return this.#slowness.recordBeyondBurst();
  }

  isSpotless(_nowMs: number): boolean {
    return this.#errors.isCalm && this.#slowness.isCalm && !this.#latency.isLearned;
  }

  /** Until told otherwise, trouble trips without the time of a burst: traffic is only coming back. */
  hurry(isHurried: boolean): void {
    this.#isHurried = isHurried;
    this.#setBursts();
  }

  /** A half-open round begins. */
  beginTrials(): void {
    this.#trials = new TrialEvidence();
  }

  /** Takes the result of a half-open trial in. */
  recordTrial(failed: boolean, durationMs: number): TrialsSay {
    this.#trials ??= new TrialEvidence();
    return this.#trials.record(failed, durationMs, this.slowerThanMs, this.#errors.plan, this.#slowness.plan);
  }

  /**
   * A half-open round showed a sick dependency. Where it was only slow in so many rounds in a row, that is how it is now: the new latency is
   * taken for the usual one, and the breaker may close.
   * @returns why, undefined when nothing was adopted
   */
  adoptIfLasting(nowMs: number): BaselineAdoptedVerdict | undefined {
    const { failures = 1, slowestMs = 0 } = this.#trials ?? {};
    if (failures > 0) {
      this.#adoption?.clear();
      return undefined;
    }
    this.#adoption ??= new Adoption(this.#config.adoptAfter);
    const latencyMs = this.#adoption.add(slowestMs, nowMs);
    if (latencyMs === undefined) return undefined;
    const beforeMs = this.#latency.usualMs ?? 0;
    this.#latency.adopt(latencyMs);
    this.#slowness.forget();
    this.#adoption.clear();
    this.#setLimits();
    return { reason: 'baselineAdopted', latencyMs, beforeMs, rounds: this.#config.adoptAfter };
  }

  /** The dependency is as it was: no rounds in a row any more. */
  recovered(): void {
    this.#adoption?.clear();
  }

  /** What the trials showed, for the verdict. */
  trialsVerdict(): TrialsFailedVerdict {
    const { trials = 0, failures = 0, slow = 0 } = this.#trials ?? {};
    return { reason: 'trialsFailed', trials, failures, slow, slowerThanMs: this.#knownLimit };
  }

  verdict(nowMs: number): AdaptiveVerdict {
    const chart = this.#metBySlowness ? this.#slowness : this.#errors;
    const { hits, calls, score, plan } = chart;
    return {
      reason: 'adaptive',
      of: this.#metBySlowness ? 'slowness' : 'errors',
      hits,
      calls,
      rate: hits / calls,
      usualRate: plan.usual,
      unhealthyRate: this.#metBySlowness ? UNHEALTHY_SLOW : this.#config.unhealthy,
      score,
      threshold: chart.threshold,
      slowerThanMs: this.#knownLimit,
      suspectedForMs: nowMs - chart.sinceMs,
      baseline: this.#baseline(),
    };
  }

  snapshot(_nowMs: number): ConditionSnapshot {
    const chart = this.#slowness.score > this.#errors.score ? this.#slowness : this.#errors;
    return {
      condition: 'adaptive',
      value: chart.score,
      threshold: chart.threshold,
      calls: chart.calls,
      slowerThanMs: this.#knownLimit,
      baseline: this.#baseline(),
    };
  }

  clear(): void {
    if (!this.#errors.isCalm || !this.#slowness.isCalm) this.#latency.revert();
    this.#errors.clear();
    this.#slowness.clear();
  }

  forget(): void {
    this.#errors.forget();
    this.#slowness.forget();
    this.#latency.clear();
    this.#adoption = undefined;
    this.#quiet = 0;
    this.#setLimits();
  }

  /** Goes on from what another one has learned, whose thresholds were others. What was slow for it is learned only where it is slow here too. */
  inherit(other: Adaptive): void {
    const { slowdown, slowdownFloorMs } = this.#config;
    other.clear();
    this.#latency.inherit(other.#latency);
    this.#errors.inherit(other.#errors);
    if (slowdown === other.#config.slowdown && slowdownFloorMs === other.#config.slowdownFloorMs) {
      this.#slowness.inherit(other.#slowness);
    }
    this.#setLimits();
  }

  /** A suspicion may begin. */
  #mark(): void {
    if (this.#errors.isCalm && this.#slowness.isCalm) this.#latency.mark();
  }

  get #isSlownessLearned(): boolean {
    return this.#slowness.baseline.calls >= this.#learnCalls;
  }

  get #knownLimit(): number | undefined {
    return this.slowerThanMs === Infinity ? undefined : this.slowerThanMs;
  }

  #recordSlowness(slow: boolean, nowMs: number, wasMet: boolean): boolean {
    if (!this.#slowness.record(slow, nowMs)) return wasMet;
    if (!wasMet) this.#metBySlowness = true;
    return true;
  }

  /** Takes the quiet calls in, and moves the limits with what was learned. */
  #learn(nowMs: number): void {
    const calls = this.#quiet;
    this.#quiet = 0;
    this.#errors.learn(calls, nowMs);
    if (this.#limitMs !== Infinity) this.#slowness.learn(calls, nowMs);
    if (this.#isSlownessLearned) this.#learnAt = BATCH;
    if (!this.#latency.isLearned) return;
    this.#latency.rememberCalls(this.#errors.baseline.calls);
    this.#setLimits();
  }

  #setLimits(): void {
    const usualMs = this.#latency.usualMs;
    const { slowdown, slowdownFloorMs, blipMs } = this.#config;
    this.#limitMs = usualMs === undefined ? Infinity : Math.max(usualMs * slowdown, usualMs + slowdownFloorMs);
    this.slowerThanMs = this.#isSlownessLearned ? this.#limitMs : Infinity;
    this.overdueAfterMs = blipMs === 0 ? Infinity : this.slowerThanMs + blipMs;
    this.#setBursts();
  }

  #setBursts(): void {
    const blipMs = this.#isHurried ? 0 : this.#config.blipMs;
    this.#errors.burstMs = blipMs;
    // A burst that holds calls up is seen at their slow limit, not at its own time.
    this.#slowness.burstMs = blipMs + Math.min(this.slowerThanMs, blipMs);
  }

  #baseline(): BaselineSnapshot {
    const { baseline } = this.#errors;
    const latencyMs = this.#latency.usualMs;
    return { calls: baseline.calls, errorRate: baseline.share, slowRate: this.#slowness.baseline.share, latencyMs };
  }
}
