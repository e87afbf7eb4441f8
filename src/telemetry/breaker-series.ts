import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { CallCounts } from '../core/snapshot.ts';
import { type Override, REJECTION_REASONS, type State } from '../core/state.ts';
import type { ConditionSnapshot } from '../core/trip/condition.ts';
import type { BreakerRecord } from './breaker-record.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';

const STATES: readonly State[] = ['closed', 'open', 'halfOpen'];
const OVERRIDES: readonly Override[] = ['forcedOpen', 'forcedClosed'];
const OUTCOMES = ['success', 'failure', 'ignored'] as const;

/** The series of one breaker: reads its counts into the instruments. All attribute objects are made once. */
export class BreakerSeries {
  readonly #record: BreakerRecord;
  readonly #states: readonly Attributes[];
  readonly #overrides: readonly Attributes[];
  readonly #latencyLimit: Attributes | undefined;
  readonly #outcomes: readonly Attributes[];
  readonly #rejected: Attributes;
  readonly #reasons: readonly Attributes[];
  readonly #sources = new Map<string, Attributes>();
  readonly #causes = new Map<string, Attributes>();
  readonly #skips = new Map<string, Attributes>();
  #quantiles: readonly [median: Attributes, high: Attributes] | undefined;

  constructor(record: BreakerRecord) {
    this.#record = record;
    const named = (attribute: string, value: string): Attributes => ({ ...record.nameOnly, [attribute]: snakeCase(value) });
    this.#states = STATES.map((state) => named(ATTRIBUTES.state, state));
    this.#overrides = OVERRIDES.map((override) => named(ATTRIBUTES.override, override));
    const { latencySlo } = record.entry.policy.breaker.trip;
    if (latencySlo !== undefined) this.#latencyLimit = { ...record.nameOnly, [ATTRIBUTES.quantile]: latencySlo.percentile };
    this.#outcomes = OUTCOMES.map((outcome) => named(ATTRIBUTES.outcome, outcome));
    this.#rejected = named(ATTRIBUTES.outcome, 'rejected');
    this.#reasons = REJECTION_REASONS.map((reason) => named(ATTRIBUTES.reason, reason));
    for (const { name } of record.entry.policy.fallback?.sources ?? []) this.#source(name);
  }

  /** Reports how the breaker stands. */
  observe(result: BatchObservableResult, instruments: Instruments): void {
    // First: looking at a breaker may end a trial's lease, and that change of state belongs to this collection.
    const { state, inFlight, counts, conditions, override } = this.#record.entry.breaker.snapshot();
    STATES.forEach((other, at) => result.observe(instruments.status, other === state ? 1 : 0, this.#states[at]));
    result.observe(instruments.inFlight, inFlight, this.#record.nameOnly);
    OVERRIDES.forEach((other, at) => result.observe(instruments.override, other === override ? 1 : 0, this.#overrides[at]));
    const limitMs = this.#record.entry.policy.breaker.trip.latencySlo?.limitMs;
    if (limitMs !== undefined) result.observe(instruments.latencyLimit, limitMs / 1000, this.#latencyLimit);
    this.#observeCounts(result, instruments, counts);
    for (const condition of conditions) this.#observeLearned(result, instruments, condition);
  }

  /** Reports the breaker for the last time: its counts stay, it is in no state any more. */
  finish(result: BatchObservableResult, instruments: Instruments): void {
    for (const attributes of this.#states) result.observe(instruments.status, 0, attributes);
    for (const attributes of this.#overrides) result.observe(instruments.override, 0, attributes);
    result.observe(instruments.inFlight, 0, this.#record.nameOnly);
    this.#observeCounts(result, instruments, this.#record.entry.breaker.snapshot().counts);
  }

  #observeCounts(result: BatchObservableResult, instruments: Instruments, counts: CallCounts): void {
    const { rejected } = counts;
    OUTCOMES.forEach((outcome, at) => result.observe(instruments.calls, counts[outcome], this.#outcomes[at]));
    const all = REJECTION_REASONS.reduce((sum, reason) => sum + rejected[reason], 0);
    result.observe(instruments.calls, all, this.#rejected);
    REJECTION_REASONS.forEach((reason, at) => result.observe(instruments.rejections, rejected[reason], this.#reasons[at]));
    const { fallbacks, ignored } = this.#record.entry;
    for (const [cause, count] of ignored) {
      result.observe(instruments.ignored, count, this.#attributes(this.#causes, ATTRIBUTES.cause, snakeCase(cause)));
    }
    for (const source of fallbacks.keys()) this.#source(source);
    for (const [source, attributes] of this.#sources)
      result.observe(instruments.fallbacks, fallbacks.get(source) ?? 0, attributes);
    this.#observeSkips(result, instruments);
    for (const { attributes, count } of this.#record.transitions.list())
      result.observe(instruments.transitions, count, attributes);
  }

  #observeSkips(result: BatchObservableResult, instruments: Instruments): void {
    for (const [source, counts] of this.#record.entry.skips) {
      for (const [why, count] of Object.entries(counts)) {
        if (count > 0) result.observe(instruments.fallbackSkips, count, this.#skip(source, snakeCase(why)));
      }
    }
  }

  #skip(source: string, reason: string): Attributes {
    const known = this.#skips.get(`${reason} ${source}`) ?? { ...this.#source(source), [ATTRIBUTES.reason]: reason };
    this.#skips.set(`${reason} ${source}`, known);
    return known;
  }

  #observeLearned(result: BatchObservableResult, instruments: Instruments, { latency, baseline }: ConditionSnapshot): void {
    const { nameOnly } = this.#record;
    if (latency !== undefined) {
      this.#quantiles ??= [
        { ...nameOnly, [ATTRIBUTES.quantile]: 0.5 },
        { ...nameOnly, [ATTRIBUTES.quantile]: 0.99 },
      ];
      result.observe(instruments.latency, latency.p50Ms / 1000, this.#quantiles[0]);
      result.observe(instruments.latency, latency.p99Ms / 1000, this.#quantiles[1]);
      const limited = this.#latencyLimit?.[ATTRIBUTES.quantile];
      if (limited !== 0.5 && limited !== 0.99) result.observe(instruments.latency, latency.limitedMs / 1000, this.#latencyLimit);
    }
    if (baseline === undefined) return;
    result.observe(instruments.baselineErrorRate, baseline.errorRate, nameOnly);
    if (baseline.latencyMs !== undefined) result.observe(instruments.baselineLatency, baseline.latencyMs / 1000, nameOnly);
  }

  #source(name: string): Attributes {
    return this.#attributes(this.#sources, ATTRIBUTES.fallbackSource, name);
  }

  /** The attributes of one series, made once. */
  #attributes(known: Map<string, Attributes>, attribute: string, value: string): Attributes {
    let attributes = known.get(value);
    if (attributes === undefined) {
      attributes = { ...this.#record.nameOnly, [attribute]: value };
      known.set(value, attributes);
    }
    return attributes;
  }
}
