import type { TripConfig } from '../core/options.ts';
import type { State } from '../core/state.ts';
import type { Verdict } from '../core/verdict.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
import type { Line } from './told.ts';

type Change = readonly [from: State, to: State, reason: Verdict['reason']];

/** One series of the transitions metric. */
export interface TransitionSeries extends Line {
  count: number;
}

/**
 * Counts a breaker's changes of state. Those that its policy can make are there with 0 before they happen, so that the rise to the first is
 * seen: those from closed, also by a person, from the start; those of a recovery from the first trip on.
 */
export class TransitionCounts {
  readonly #trip: TripConfig;
  readonly #hasRamp: boolean;
  readonly #series = new Map<string, TransitionSeries>();

  constructor({ policy }: BreakerEntry) {
    const { trip, mode, rampUpMs } = policy.breaker;
    this.#trip = trip;
    this.#hasRamp = rampUpMs > 0 && trip.adaptive === undefined;
    this.#at('closed', 'open', 'forced');
    if (mode === 'off') return;
    this.#at('closed', 'open', 'manual');
    for (const reason of ['consecutiveFailures', 'failureRate', 'slowCallRate', 'latencySlo', 'adaptive'] as const) {
      if (trip[reason] !== undefined) this.#at('closed', 'open', reason);
    }
    const { signal, prometheus } = policy.signals;
    if ((signal ?? prometheus) !== undefined) this.#at('closed', 'open', 'signal');
  }

  /** Counts one. */
  add({ from, to, verdict }: { readonly from: State; readonly to: State; readonly verdict: Verdict }): void {
    if (to === 'open') for (const change of this.#recovery()) this.#at(...change);
    this.#at(from, to, verdict.reason).count++;
  }

  /** The series so far. */
  list(): Iterable<TransitionSeries> {
    return this.#series.values();
  }

  #recovery(): Change[] {
    const { adaptive, slowCallRate, latencySlo } = this.#trip;
    const hasSlowLimit = (slowCallRate ?? latencySlo) !== undefined;
    return [
      ['open', 'halfOpen', 'openPeriodOver'],
      ['halfOpen', 'open', adaptive === undefined ? 'trialFailed' : 'trialsFailed'],
      ['halfOpen', 'open', 'trialExpired'],
      ...(hasSlowLimit ? [['halfOpen', 'open', 'trialSlow'] as const] : []),
      ...(this.#hasRamp ? [['closed', 'open', 'rampFailed'] as const] : []),
      ['halfOpen', 'closed', 'trialsSucceeded'],
      ...(adaptive === undefined ? [] : [['halfOpen', 'closed', 'baselineAdopted'] as const]),
      ['halfOpen', 'open', 'manual'],
      ['halfOpen', 'open', 'forced'],
      ['halfOpen', 'closed', 'forced'],
      ['open', 'closed', 'forced'],
    ];
  }

  #at(from: State, to: State, reason: Verdict['reason']): TransitionSeries {
    const key = `transitions ${from} ${to} ${reason}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        key,
        attributes: {
          [ATTRIBUTES.previousState]: snakeCase(from),
          [ATTRIBUTES.state]: snakeCase(to),
          [ATTRIBUTES.reason]: snakeCase(reason),
        },
        count: 0,
      };
      this.#series.set(key, series);
    }
    return series;
  }
}
