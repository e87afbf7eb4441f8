import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { CallCounts } from '../core/snapshot.ts';
import type { RejectionReason, State } from '../core/state.ts';
import type { BreakerRecord } from './breaker-record.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';

const STATES: readonly State[] = ['closed', 'open', 'halfOpen'];
const OUTCOMES = ['success', 'failure', 'ignored'] as const;
const REASONS: readonly RejectionReason[] = ['open', 'halfOpen', 'forced'];

/** The series of one breaker: reads its counts into the instruments. All attribute objects are made once. */
export class BreakerSeries {
  readonly #record: BreakerRecord;
  readonly #states: readonly Attributes[];
  readonly #outcomes: readonly Attributes[];
  readonly #rejected: Attributes;
  readonly #reasons: readonly Attributes[];
  readonly #sources = new Map<string, Attributes>();

  constructor(record: BreakerRecord) {
    this.#record = record;
    const named = (attribute: string, value: string): Attributes => ({ ...record.nameOnly, [attribute]: snakeCase(value) });
    this.#states = STATES.map((state) => named(ATTRIBUTES.state, state));
    this.#outcomes = OUTCOMES.map((outcome) => named(ATTRIBUTES.outcome, outcome));
    this.#rejected = named(ATTRIBUTES.outcome, 'rejected');
    this.#reasons = REASONS.map((reason) => named(ATTRIBUTES.reason, reason));
    for (const { name } of record.entry.policy.fallback?.sources ?? []) this.#source(name);
  }

  /** Reports how the breaker stands. */
  observe(result: BatchObservableResult, instruments: Instruments): void {
    // First: looking at a breaker may end a trial's lease, and that change of state belongs to this collection.
    const { state, inFlight, counts } = this.#record.entry.breaker.snapshot();
    STATES.forEach((other, at) => result.observe(instruments.status, other === state ? 1 : 0, this.#states[at]));
    result.observe(instruments.inFlight, inFlight, this.#record.nameOnly);
    this.#observeCounts(result, instruments, counts);
  }

  /** Reports the breaker for the last time: its counts stay, it is in no state any more. */
  finish(result: BatchObservableResult, instruments: Instruments): void {
    for (const attributes of this.#states) result.observe(instruments.status, 0, attributes);
    result.observe(instruments.inFlight, 0, this.#record.nameOnly);
    this.#observeCounts(result, instruments, this.#record.entry.breaker.snapshot().counts);
  }

  #observeCounts(result: BatchObservableResult, instruments: Instruments, counts: CallCounts): void {
    const { rejected } = counts;
    OUTCOMES.forEach((outcome, at) => result.observe(instruments.calls, counts[outcome], this.#outcomes[at]));
    result.observe(instruments.calls, rejected.open + rejected.halfOpen + rejected.forced, this.#rejected);
    REASONS.forEach((reason, at) => result.observe(instruments.rejections, rejected[reason], this.#reasons[at]));
    const { fallbacks } = this.#record.entry;
    for (const source of fallbacks.keys()) this.#source(source);
    for (const [source, attributes] of this.#sources)
      result.observe(instruments.fallbacks, fallbacks.get(source) ?? 0, attributes);
    for (const { attributes, count } of this.#record.transitions.list())
      result.observe(instruments.transitions, count, attributes);
  }

  #source(name: string): Attributes {
    let attributes = this.#sources.get(name);
    if (attributes === undefined) {
      attributes = { ...this.#record.nameOnly, [ATTRIBUTES.fallbackSource]: name };
      this.#sources.set(name, attributes);
    }
    return attributes;
  }
}
