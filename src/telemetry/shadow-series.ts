import type { BreakerSnapshot, CallCounts } from '../core/snapshot.ts';
import { REJECTION_REASONS, type State } from '../core/state.ts';
import { wouldAnswers } from '../policy/shadow-counts.ts';
import { canReject } from './can-reject.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
import { line, type Told } from './told.ts';
import type { CountedBreaker } from './transition-counts.ts';

const STATES = (['closed', 'open', 'halfOpen'] as const satisfies readonly State[]).map(
  (state) => [state, line('shadow status', ATTRIBUTES.state, snakeCase(state))] as const,
);
const REASONS = REJECTION_REASONS.map(
  (reason) => [reason, line('shadow rejections', ATTRIBUTES.reason, snakeCase(reason))] as const,
);

/** The series of what enforcement would have done. There are none before a breaker observes; they stay when it does no more. */
export class ShadowSeries {
  readonly #record: CountedBreaker;
  readonly #instruments: Instruments;
  readonly #told: Told;
  #hasObserved = false;

  /** @param told - what was told of the breaker */
  constructor(record: CountedBreaker, instruments: Instruments, told: Told) {
    this.#record = record;
    this.#instruments = instruments;
    this.#told = told;
  }

  /** Reports how it stands. While a person holds it open or closed, nothing is judged. */
  report({ mode, override, state, counts }: BreakerSnapshot): void {
    this.#hasObserved ||= mode === 'observe';
    if (this.#hasObserved) this.#tell(mode === 'observe' && override === null ? state : undefined, counts);
  }

  /** Reports it for the last time. */
  finish({ counts }: BreakerSnapshot): void {
    if (this.#hasObserved) this.#tell(undefined, counts);
  }

  #tell(now: State | undefined, { wouldReject }: CallCounts): void {
    const { shadowStatus, shadowRejections, shadowTransitions, shadowFallbacks } = this.#instruments;
    const { entry, shadowTransitions: transitions } = this.#record;
    const told = this.#told;
    const { policy, breaker } = entry;
    for (const [state, series] of STATES) told.tell(shadowStatus, series, state === now ? 1 : 0);
    for (const [reason, series] of REASONS) {
      const count = wouldReject[reason];
      // What a person forces is no shadow.
      const mayCome = reason !== 'forced' && breaker.mode === 'observe' && canReject(policy.breaker, reason);
      if (count > 0 || mayCome) told.tell(shadowRejections, series, count);
    }
    for (const series of transitions.list()) told.tell(shadowTransitions, series, series.count);
    const counts = wouldAnswers(entry);
    const names = new Set([...(policy.fallback?.sources ?? []).map(({ name }) => name), ...counts.keys()]);
    for (const name of names) {
      told.tell(shadowFallbacks, line('shadow fallbacks', ATTRIBUTES.fallbackSource, name), counts.get(name) ?? 0);
    }
  }
}
