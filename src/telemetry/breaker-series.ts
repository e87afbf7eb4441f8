import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { BreakerSnapshot, CallCounts } from '../core/snapshot.ts';
import { type Override, REJECTION_REASONS, type State } from '../core/state.ts';
import type { ConditionSnapshot } from '../core/trip/condition.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { canReject } from './can-reject.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
import { ShadowSeries } from './shadow-series.ts';
import { type Line, line, Told } from './told.ts';
import type { CountedBreaker, TransitionCounts } from './transition-counts.ts';

const STATES = (['closed', 'open', 'halfOpen'] as const satisfies readonly State[]).map(
  (state) => [state, line('status', ATTRIBUTES.state, snakeCase(state))] as const,
);
const OVERRIDES = (['forcedOpen', 'forcedClosed'] as const satisfies readonly Override[]).map(
  (override) => [override, line('override', ATTRIBUTES.override, snakeCase(override))] as const,
);
const OUTCOMES = (['success', 'failure', 'ignored'] as const).map(
  (outcome) => [outcome, line('calls', ATTRIBUTES.outcome, outcome)] as const,
);
const REJECTED = line('calls', ATTRIBUTES.outcome, 'rejected');
const REASONS = REJECTION_REASONS.map((reason) => [reason, line('rejections', ATTRIBUTES.reason, snakeCase(reason))] as const);
const IN_FLIGHT: Line = { key: 'in_flight', attributes: {} };

/** The series of one breaker. Breakers that share a name make sums together; what cannot be summed is reported of one that has its own. */
export class BreakerSeries {
  readonly #entry: BreakerEntry;
  readonly #transitions: TransitionCounts;
  readonly #hasOwnName: boolean;
  readonly #told: Told;
  readonly #shadow: ShadowSeries;
  readonly instruments: Instruments;
  /** What its series say of it. */
  readonly named: Attributes;

  /** @param name - what it is called in metrics */
  constructor(record: CountedBreaker, name: string, instruments: Instruments) {
    this.#entry = record.entry;
    this.#transitions = record.transitions;
    this.#hasOwnName = name === record.entry.breaker.name;
    this.named = { [ATTRIBUTES.name]: name };
    this.#told = new Told(this.named);
    this.#shadow = new ShadowSeries(record, instruments, this.#told);
    this.instruments = instruments;
  }

  /** Reports how the breaker stands. */
  report(result: BatchObservableResult): void {
    // First: looking at a breaker may end a trial's lease, and that change of state belongs to this collection.
    const snapshot = this.#entry.breaker.snapshot();
    const { inFlight, counts, conditions, override } = snapshot;
    this.#tellState({ state: stateForCallers(snapshot), inFlight, override });
    this.#tellCounts(counts);
    this.#shadow.report(snapshot);
    if (!this.#hasOwnName) return;
    const { latencySlo } = this.#entry.policy.breaker.trip;
    if (latencySlo !== undefined)
      result.observe(this.instruments.latencyLimit, latencySlo.limitMs / 1000, this.#quantile(latencySlo.percentile));
    for (const condition of conditions) this.#observeLearned(result, condition);
  }

  /** Reports the breaker for the last time: its counts stay, it is in no state any more. */
  finish(): void {
    const snapshot = this.#entry.breaker.snapshot();
    this.#tellState({ state: undefined, inFlight: 0, override: null });
    this.#tellCounts(snapshot.counts);
    this.#shadow.finish(snapshot);
  }

  #tellState(now: Pick<BreakerSnapshot, 'inFlight' | 'override'> & { readonly state: State | undefined }): void {
    const { status, override, inFlight } = this.instruments;
    for (const [state, series] of STATES) this.#told.tell(status, series, state === now.state ? 1 : 0);
    for (const [which, series] of OVERRIDES) this.#told.tell(override, series, which === now.override ? 1 : 0);
    this.#told.tell(inFlight, IN_FLIGHT, now.inFlight);
  }

  #tellCounts(counts: CallCounts): void {
    const { instruments } = this;
    const told = this.#told;
    const { policy, breaker, ignored } = this.#entry;
    for (const [outcome, series] of OUTCOMES) told.tell(instruments.calls, series, counts[outcome]);
    let rejected = 0;
    for (const [reason, series] of REASONS) {
      const count = counts.rejected[reason];
      rejected += count;
      const mayCome = reason === 'forced' || (breaker.mode === 'enforce' && canReject(policy.breaker, reason));
      if (count > 0 || mayCome) told.tell(instruments.rejections, series, count);
    }
    told.tell(instruments.calls, REJECTED, rejected);
    for (const [cause, count] of ignored)
      told.tell(instruments.ignored, line('ignored', ATTRIBUTES.cause, snakeCase(cause)), count);
    for (const series of this.#transitions.list()) told.tell(instruments.transitions, series, series.count);
    this.#tellFallbacks();
  }

  #tellFallbacks(): void {
    const { fallbacks, fallbackSkips } = this.instruments;
    const { fallbacks: counts, skips, policy } = this.#entry;
    const source = (name: string) => line('fallbacks', ATTRIBUTES.fallbackSource, name);
    for (const { name } of policy.fallback?.sources ?? []) this.#told.tell(fallbacks, source(name), counts.get(name) ?? 0);
    for (const [name, count] of counts) this.#told.tell(fallbacks, source(name), count);
    for (const [name, reasons] of skips) {
      for (const [why, count] of Object.entries(reasons)) {
        const attributes = { [ATTRIBUTES.fallbackSource]: name, [ATTRIBUTES.reason]: snakeCase(why) };
        if (count > 0) this.#told.tell(fallbackSkips, { key: `skips ${why} ${name}`, attributes }, count);
      }
    }
  }

  #observeLearned(result: BatchObservableResult, { latency, baseline }: ConditionSnapshot): void {
    const { instruments } = this;
    if (latency !== undefined) {
      result.observe(instruments.latency, latency.p50Ms / 1000, this.#quantile(0.5));
      result.observe(instruments.latency, latency.p99Ms / 1000, this.#quantile(0.99));
      const limited = this.#entry.policy.breaker.trip.latencySlo?.percentile ?? 0.5;
      if (limited !== 0.5 && limited !== 0.99)
        result.observe(instruments.latency, latency.limitedMs / 1000, this.#quantile(limited));
    }
    if (baseline === undefined) return;
    result.observe(instruments.baselineErrorRate, baseline.errorRate, this.named);
    if (baseline.latencyMs !== undefined) result.observe(instruments.baselineLatency, baseline.latencyMs / 1000, this.named);
  }

  #quantile(quantile: number): Attributes {
    return { ...this.named, [ATTRIBUTES.quantile]: quantile };
  }
}

/** Observing, every call passes, but where a person forces it: what would be is told as such. */
function stateForCallers({ mode, override, state }: BreakerSnapshot): State {
  return mode === 'observe' && override === null ? 'closed' : state;
}
