import { type Figures, figuresOf, recoveredMs, type Trip, tripsOf } from './figures.ts';
import type { Run } from './run.ts';

/** What `--json` prints. */
export interface DemoResult {
  readonly trips: readonly Trip[];
  /** Predictions that the bot asked for. */
  readonly calls: number;
  /** Fallback messages that it got. */
  readonly fallbacks: number;
  /** Calls that the breaker refused, so that the sick server was spared them. */
  readonly rejected: number;
  readonly lateDelivered: number;
  /** From the end of the last fault until the breaker was closed again; null without faults, or when it never was. */
  readonly recoveredMs: number | null;
  readonly withoutBreaker: Figures;
  /** null with `--no-breaker`. */
  readonly withBreaker: Figures | null;
}

/**
 * Puts both runs together.
 * @param guarded - the run with the breaker; undefined with `--no-breaker`, and then the other one is counted
 */
export function resultOf(bare: Run, guarded: Run | undefined): DemoResult {
  const counted = guarded ?? bare;
  const { sources, calls } = counted.log;
  return {
    trips: tripsOf(counted),
    calls,
    fallbacks: sources.rejected + sources.failed,
    rejected: sources.rejected,
    lateDelivered: figuresOf(counted).lateDelivered,
    recoveredMs: guarded === undefined ? null : recoveredMs(guarded, guarded.faults.at(-1)),
    withoutBreaker: figuresOf(bare),
    withBreaker: guarded === undefined ? null : figuresOf(guarded),
  };
}
