import type { Outcome } from './outcome.ts';

/** The generation of a slot that holds no permit: never acquired, refused, or settled already. */
export const NO_PERMIT = -1;

/** The generation of a permit whose result is not judged. Breakers count theirs from 1. */
export const UNJUDGED = 0;

/**
 * Where a permit is kept. Any object can be the home of one, so that acquiring allocates nothing; an object
 * holds one permit at a time. Begin with `permitGeneration: NO_PERMIT` (-1), `permitTrial: -1` and `permitSlow: 0`; only the breaker writes
 * them after.
 */
export interface PermitSlot {
  /** The breaker's generation when it was admitted: a result of an older generation is not judged. */
  permitGeneration: number;
  /** The place of a half-open trial, -1 for other calls. */
  permitTrial: number;
  /** What is known of its slowness while it is under way: two bits for each trip condition. */
  permitSlow: number;
}

/** What a permit needs of its breaker. */
export interface PermitIssuer {
  settle(slot: PermitSlot, outcome: Outcome, durationMs: number, nowMs?: number, code?: number): void;
}

/** One call that the breaker let through. Settle it once, with `success`, `failure` or `ignore`; settling again does nothing. */
export class Permit implements PermitSlot {
  /** The breaker's generation when it was admitted. Only the breaker writes it. */
  permitGeneration: number = NO_PERMIT;
  /** The place of a half-open trial. Only the breaker writes it. */
  permitTrial = -1;
  /** What is known of its slowness. Only the breaker writes it. */
  permitSlow = 0;
  readonly #issuer: PermitIssuer;

  /** @internal */
  constructor(issuer: PermitIssuer) {
    this.#issuer = issuer;
  }

  /**
   * The dependency answered.
   * @param durationMs - how long the call took, in milliseconds
   */
  success(durationMs: number): void {
    this.#issuer.settle(this, 'success', durationMs);
  }

  /**
   * The dependency did not answer, or not in time.
   * @param durationMs - how long the call took, in milliseconds
   * @param code - a number for the kind of failure, such as a gRPC status code; verdicts list those seen
   */
  failure(durationMs: number, code?: number): void {
    this.#issuer.settle(this, 'failure', durationMs, undefined, code);
  }

  /** The call says nothing about the dependency, for instance because its caller cancelled. A trial gives its permit back. */
  ignore(): void {
    this.#issuer.settle(this, 'ignored', 0);
  }
}
