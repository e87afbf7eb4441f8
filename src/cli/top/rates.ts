import { refusedOf, servedOf } from '../breaker-texts.ts';
import type { BreakerView } from '../breaker-view.ts';

/** What went on lately, in a second. */
export interface Rates {
  /** Calls that ended with a result. */
  readonly callsPerSecond: number;
  /** The share of them that failed, 0 to 1; null where there were none. */
  readonly failedShare: number | null;
  readonly refusedPerSecond: number;
  readonly fallbacksPerSecond: number;
}

/** A breaker, and what went on lately; `rates` null until it was looked at twice. */
export interface RatedBreaker extends BreakerView {
  readonly rates: Rates | null;
}

interface Counts {
  readonly calls: number;
  readonly failures: number;
  readonly refused: number;
  readonly served: number;
}

interface Sample {
  readonly atMs: number;
  readonly counts: ReadonlyMap<string, Counts>;
}

/** Rates are over this long. */
const SPAN_MS = 5_000;

/** Makes rates from counts that only grow. */
export class RateMeter {
  #samples: Sample[] = [];

  /** Takes the counts of a moment. */
  sample(breakers: readonly BreakerView[], nowMs: number): void {
    this.#samples.push({ atMs: nowMs, counts: new Map(breakers.map((breaker) => [breaker.name, countsOf(breaker)])) });
    while ((this.#samples[1]?.atMs ?? Infinity) <= nowMs - SPAN_MS) this.#samples.shift();
  }

  /** Forgets: another process counts from 0. */
  reset(): void {
    this.#samples = [];
  }

  /** Breakers with what went on since the oldest sample that knows them, and was not from before a restart. */
  rated(breakers: readonly BreakerView[], nowMs: number): RatedBreaker[] {
    return breakers.map((breaker) => {
      const now = countsOf(breaker);
      const sample = this.#samples.find(({ atMs, counts }) => {
        const then = counts.get(breaker.name);
        return atMs < nowMs && then !== undefined && then.calls <= now.calls && then.refused <= now.refused;
      });
      const then = sample?.counts.get(breaker.name);
      return { ...breaker, rates: sample === undefined || then === undefined ? null : between(then, now, nowMs - sample.atMs) };
    });
  }
}

function countsOf(breaker: BreakerView): Counts {
  const { success, failure } = breaker.calls;
  return { calls: success + failure, failures: failure, refused: refusedOf(breaker), served: servedOf(breaker) };
}

function between(then: Counts, now: Counts, durationMs: number): Rates {
  const perSecond = (count: number) => Math.max(0, (count * 1000) / durationMs);
  const calls = now.calls - then.calls;
  return {
    callsPerSecond: perSecond(calls),
    failedShare: calls === 0 ? null : (now.failures - then.failures) / calls,
    refusedPerSecond: perSecond(now.refused - then.refused),
    fallbacksPerSecond: perSecond(now.served - then.served),
  };
}
