import type { TripConfig } from '../options.ts';
import type { PermitSlot } from '../permit.ts';
import type { Evidence, OpeningVerdict } from '../verdict.ts';
import { Adaptive } from './adaptive/adaptive.ts';
import { BadCalls } from './bad-calls.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';
import { ConsecutiveFailures } from './consecutive-failures.ts';
import { FailureRate } from './failure-rate.ts';
import { LatencySlo } from './latency-slo.ts';
import { SlowCallRate } from './slow-call-rate.ts';

/** In a slot's `permitSlow` each condition has two bits: counted as slow, and counted as overdue. */
const SLOW = 1;
const OVERDUE = 2;
const BITS = 2;

/** The trip conditions of one breaker together: each takes every result in, and any of them can trip it. */
export class Judge {
  #conditions: readonly TripCondition[];
  /** The one that learns, where there is one. */
  adaptive: Adaptive | undefined;
  /** As `slowerThanMs`, of the other conditions, whose limits stand fast: a single half-open trial over it is too slow. */
  trialSlowerThanMs: number = Infinity;
  #badCalls: BadCalls | undefined;

  constructor(trip: TripConfig) {
    this.#conditions = createConditions(trip);
    this.#look();
  }

  /** Goes on with other conditions; those that are the same keep what they know. False when all are. */
  reconfigure(before: TripConfig, trip: TripConfig): boolean {
    if (isSame(before, trip)) return false;
    const kept = this.#conditions.filter(({ name }) => isSame(before[name], trip[name]));
    this.#conditions = createConditions(trip, kept);
    const learned = this.adaptive;
    this.#look();
    if (learned !== undefined && learned !== this.adaptive) this.adaptive?.inherit(learned);
    return true;
  }

  #look(): void {
    this.adaptive = this.#conditions.find((condition) => condition instanceof Adaptive);
    const others = this.#conditions.filter((condition) => condition !== this.adaptive);
    this.trialSlowerThanMs = Math.min(Infinity, ...others.map(({ slowerThanMs }) => slowerThanMs));
  }

  /** Over this many milliseconds a call is slow for some condition; Infinity where none looks at durations, or none knows yet. */
  get slowerThanMs(): number {
    const { adaptive } = this;
    return adaptive === undefined ? this.trialSlowerThanMs : Math.min(this.trialSlowerThanMs, adaptive.slowerThanMs);
  }

  /** Whether a call of this duration is slow for some condition. */
  isSlow(durationMs: number): boolean {
    // Compared one by one: the least of two fractions would be a new one on the heap.
    return durationMs > this.trialSlowerThanMs || (this.adaptive !== undefined && durationMs > this.adaptive.slowerThanMs);
  }

  /** Takes a result in; the first condition that is met now, or undefined. */
  record(slot: PermitSlot, failed: boolean, durationMs: number, nowMs: number, code: number): TripCondition | undefined {
    let met: TripCondition | undefined;
    const conditions = this.#conditions;
    const slow = slot.permitSlow;
    for (let i = 0; i < conditions.length; i++) {
      const condition = conditions[i] as TripCondition;
      const wasSlow = slow !== 0 && (slow & (SLOW << (BITS * i))) !== 0;
      if (condition.record(failed, durationMs, nowMs, wasSlow)) met ??= condition;
    }
    // Not asked of each condition: a fraction that is read from objects of many shapes is copied to the heap.
    if (failed || (slow === 0 && this.isSlow(durationMs))) this.note(failed, durationMs, nowMs, code, slow !== 0);
    return met;
  }

  /** Remembers a call that failed or was slow, for the evidence of a verdict; known is one that was found slow while under way. */
  note(failed: boolean, durationMs: number, nowMs: number, code: number, isKnown = false): void {
    this.#badCalls ??= new BadCalls();
    this.#badCalls.add(failed, durationMs, code, nowMs, isKnown);
  }

  /** What was seen since evidence was last forgotten; undefined when it was nothing. */
  evidence(): Evidence | undefined {
    return this.#badCalls?.evidence();
  }

  /** A verdict with that. */
  withEvidence(verdict: OpeningVerdict): OpeningVerdict {
    const evidence = this.evidence();
    return evidence === undefined ? verdict : { ...verdict, evidence };
  }

  /**
   * Takes in how old a call under way is. What each condition has counted stands in the slot.
   * @returns the first condition that is met now, or undefined
   */
  watch(slot: PermitSlot, ageMs: number, nowMs: number): TripCondition | undefined {
    let met: TripCondition | undefined;
    const before = slot.permitSlow;
    this.#conditions.forEach((condition, i) => {
      const slow = SLOW << (BITS * i);
      const overdue = OVERDUE << (BITS * i);
      if (ageMs > condition.slowerThanMs && (slot.permitSlow & slow) === 0) {
        slot.permitSlow |= slow;
        if (condition.recordSlow(nowMs)) met ??= condition;
      }
      if (ageMs > (condition.overdueAfterMs ?? Infinity) && (slot.permitSlow & overdue) === 0) {
        slot.permitSlow |= overdue;
        if (condition.recordOverdue?.(nowMs) === true) met ??= condition;
      }
    });
    if (before === 0 && slot.permitSlow !== 0) this.note(false, ageMs, nowMs, -1);
    return met;
  }

  /** Nothing more is to be learned from a call under way by watching it. */
  hasSeenAll(slot: PermitSlot): boolean {
    return this.#conditions.every((condition, i) => {
      const isSlow = condition.slowerThanMs === Infinity || (slot.permitSlow & (SLOW << (BITS * i))) !== 0;
      const isOverdue = (condition.overdueAfterMs ?? Infinity) === Infinity || (slot.permitSlow & (OVERDUE << (BITS * i))) !== 0;
      return isSlow && isOverdue;
    });
  }

  /** How each condition stands. */
  snapshot(nowMs: number): ConditionSnapshot[] {
    return this.#conditions.map((condition) => condition.snapshot(nowMs));
  }

  /** No condition holds anything against the dependency, nor has learned much of it. */
  isSpotless(nowMs: number): boolean {
    return this.#conditions.every((condition) => condition.isSpotless(nowMs));
  }

  /** Forgets all evidence. */
  clear(): void {
    this.#badCalls = undefined;
    for (const condition of this.#conditions) condition.clear();
  }

  /** Forgets also what was learned. */
  forget(): void {
    this.clear();
    for (const condition of this.#conditions) condition.forget?.();
  }
}

/** How each condition is made, in the order in which a verdict prefers them. */
const MAKERS: { readonly [Name in keyof TripConfig]-?: (config: NonNullable<TripConfig[Name]>) => TripCondition } = {
  consecutiveFailures: (config) => new ConsecutiveFailures(config),
  failureRate: (config) => new FailureRate(config),
  slowCallRate: (config) => new SlowCallRate(config),
  latencySlo: (config) => new LatencySlo(config),
  adaptive: (config) => new Adaptive(config),
};

/** The conditions that a configuration lists; those in `kept` are not made anew. */
function createConditions(trip: TripConfig, kept: readonly TripCondition[] = []): TripCondition[] {
  const conditions: TripCondition[] = [];
  for (const name of Object.keys(MAKERS) as (keyof TripConfig)[]) {
    const config = trip[name];
    if (config === undefined) continue;
    const make = MAKERS[name] as (own: typeof config) => TripCondition;
    conditions.push(kept.find((condition) => condition.name === name) ?? make(config));
  }
  // A copy is as long as it need be; what was pushed to has room for 16 more.
  return conditions.slice();
}

/** Configurations are plain numbers in the order in which one schema writes them. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
