import type { TripConfig } from '../options.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';
import { ConsecutiveFailures } from './consecutive-failures.ts';
import { FailureRate } from './failure-rate.ts';
import { SlowCallRate } from './slow-call-rate.ts';

/** The trip conditions of one breaker together: each takes every result in, and any of them can trip it. */
export class Judge {
  readonly #conditions: readonly TripCondition[];
  /** Over this many milliseconds a call is slow for some condition; Infinity where none looks at durations. */
  readonly slowerThanMs: number;

  constructor(trip: TripConfig) {
    this.#conditions = createConditions(trip);
    this.slowerThanMs = Math.min(Infinity, ...this.#conditions.map((condition) => condition.slowerThanMs));
  }

  /** Takes a result in; the first condition that is met now, or undefined. */
  record(failed: boolean, durationMs: number, nowMs: number): TripCondition | undefined {
    let met: TripCondition | undefined;
    const conditions = this.#conditions;
    for (let i = 0; i < conditions.length; i++) {
      const condition = conditions[i] as TripCondition;
      if (condition.record(failed, durationMs, nowMs)) met ??= condition;
    }
    return met;
  }

  /** How each condition stands. */
  snapshot(nowMs: number): ConditionSnapshot[] {
    return this.#conditions.map((condition) => condition.snapshot(nowMs));
  }

  /** No condition holds anything against the dependency. */
  isSpotless(nowMs: number): boolean {
    return this.snapshot(nowMs).every(({ value }) => value === 0);
  }

  /** Forgets all evidence. */
  clear(): void {
    for (const condition of this.#conditions) condition.clear();
  }
}

/** The conditions that a configuration lists, in the order in which a verdict prefers them. */
function createConditions(trip: TripConfig): TripCondition[] {
  const conditions: TripCondition[] = [];
  if (trip.consecutiveFailures !== undefined) conditions.push(new ConsecutiveFailures(trip.consecutiveFailures));
  if (trip.failureRate !== undefined) conditions.push(new FailureRate(trip.failureRate));
  if (trip.slowCallRate !== undefined) conditions.push(new SlowCallRate(trip.slowCallRate));
  // A copy is as long as it need be; what was pushed to has room for 16 more.
  return conditions.slice();
}
