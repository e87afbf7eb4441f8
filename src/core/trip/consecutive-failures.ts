import type { ConsecutiveFailuresConfig } from '../options.ts';
import type { ConsecutiveFailuresVerdict } from '../verdict.ts';
import type { ConditionSnapshot, TripCondition } from './condition.ts';

/** Met at so many failures in a row; a success begins anew. */
export class ConsecutiveFailures implements TripCondition {
  readonly #threshold: number;
  #failures = 0;
  readonly slowerThanMs: number = Infinity;

  constructor(config: ConsecutiveFailuresConfig) {
    this.#threshold = config.threshold;
  }

  get name(): 'consecutiveFailures' {
    return 'consecutiveFailures';
  }

  record(failed: boolean, _durationMs: number, _nowMs: number, _wasSlow: boolean): boolean {
    if (!failed) {
      this.#failures = 0;
      return false;
    }
    return ++this.#failures >= this.#threshold;
  }

  recordSlow(_nowMs: number): boolean {
    return false;
  }

  isSpotless(_nowMs: number): boolean {
    return this.#failures === 0;
  }

  verdict(): ConsecutiveFailuresVerdict {
    return { reason: 'consecutiveFailures', failures: this.#failures, threshold: this.#threshold };
  }

  snapshot(_nowMs: number): ConditionSnapshot {
    return {
      condition: 'consecutiveFailures',
      value: this.#failures,
      threshold: this.#threshold,
      calls: this.#failures,
    };
  }

  clear(): void {
    this.#failures = 0;
  }
}
