import type { TripConfig } from '../core/options.ts';
import type { Mode, State } from '../core/state.ts';
import type { Verdict } from '../core/verdict.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
import type { Line } from './told.ts';

type Change = readonly [from: State, to: State, reason: Verdict['reason']];

/** One series of the transitions metric. */
export interface TransitionSeries extends Line {
  count: number;
}

/**
 * Counts a breaker's changes of state: those that callers see, or those that enforcement would have made. Those that its policy can make are there
 * with 0 before they happen, so that the rise to the first is seen: those from closed, also by a person, from the start; those of a recovery
 * from the first trip on. Another policy, or another mode, adds its own.
 */
export class TransitionCounts {
  readonly #entry: BreakerEntry;
  /** The mode that makes them. */
  readonly #mode: Mode;
  #expectedOf: MethodPolicy | undefined;
  #isExpecting = false;
  readonly #series = new Map<string, TransitionSeries>();

  /** @param mode - `enforce` for those that callers see, `observe` for those that enforcement would have made */
  constructor(entry: BreakerEntry, mode: 'enforce' | 'observe') {
    this.#entry = entry;
    this.#mode = mode;
  }

  /** Counts one. */
  add({ from, to, verdict }: { readonly from: State; readonly to: State; readonly verdict: Verdict }): void {
    this.#expect();
    const isOwn = this.#entry.breaker.mode === this.#mode || this.#entry.breaker.mode === 'off';
    if (to === 'open' && isOwn) for (const change of this.#recovery()) this.#at(...change);
    this.#at(from, to, verdict.reason).count++;
  }

  /** The series so far. */
  list(): Iterable<TransitionSeries> {
    this.#expect();
    return this.#series.values();
  }

  /** What may happen from closed. */
  #expect(): void {
    const { policy, breaker } = this.#entry;
    const isOwn = breaker.mode === this.#mode;
    if (policy === this.#expectedOf && isOwn === this.#isExpecting) return;
    this.#expectedOf = policy;
    this.#isExpecting = isOwn;
    // What a person forces is seen in any mode.
    if (this.#mode === 'enforce') this.#at('closed', 'open', 'forced');
    if (!isOwn) return;
    this.#at('closed', 'open', 'manual');
    for (const reason of ['consecutiveFailures', 'failureRate', 'slowCallRate', 'latencySlo', 'adaptive'] as const) {
      if (this.#trip[reason] !== undefined) this.#at('closed', 'open', reason);
    }
    const { signal, prometheus } = policy.signals;
    if ((signal ?? prometheus) !== undefined) this.#at('closed', 'open', 'signal');
  }

  #recovery(): Change[] {
    const { adaptive, slowCallRate, latencySlo } = this.#trip;
    const hasSlowLimit = (slowCallRate ?? latencySlo) !== undefined;
    const hasRamp = this.#entry.policy.breaker.rampUpMs > 0 && adaptive === undefined;
    return [
      ['open', 'halfOpen', 'openPeriodOver'],
      ['halfOpen', 'open', adaptive === undefined ? 'trialFailed' : 'trialsFailed'],
      ['halfOpen', 'open', 'trialExpired'],
      ...(hasSlowLimit ? [['halfOpen', 'open', 'trialSlow'] as const] : []),
      ...(hasRamp ? [['closed', 'open', 'rampFailed'] as const] : []),
      ['halfOpen', 'closed', 'trialsSucceeded'],
      ...(adaptive === undefined ? [] : [['halfOpen', 'closed', 'baselineAdopted'] as const]),
      ['halfOpen', 'open', 'manual'],
      ...(this.#mode === 'observe' ? [] : BY_FORCE),
    ];
  }

  get #trip(): TripConfig {
    return this.#entry.policy.breaker.trip;
  }

  #at(from: State, to: State, reason: Verdict['reason']): TransitionSeries {
    const key = `transitions ${this.#mode} ${from} ${to} ${reason}`;
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

const BY_FORCE: readonly Change[] = [
  ['halfOpen', 'open', 'forced'],
  ['halfOpen', 'closed', 'forced'],
  ['open', 'closed', 'forced'],
];

/** A breaker, and how often its state has changed. */
export interface CountedBreaker {
  readonly entry: BreakerEntry;
  /** Changes that callers saw. */
  readonly transitions: TransitionCounts;
  /** Those that enforcement would have made. */
  readonly shadowTransitions: TransitionCounts;
}
