import {
  type Attributes,
  INVALID_SPAN_CONTEXT,
  type SpanContext,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { TransitionEvent } from '../core/events.ts';
import type { Attempt } from './attempt.ts';
import type { BreakerRecord } from './breaker-record.ts';
import { OutageTrace } from './outage-trace.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';

/** The outages under way, each with its trace. */
export class Outages {
  readonly #ownProvider: TracerProvider | undefined;
  readonly #attempt: Attempt;
  readonly #traces = new Set<OutageTrace>();

  /** @param ownProvider - instead of the globally registered one */
  constructor(ownProvider: TracerProvider | undefined, attempt: Attempt) {
    this.#ownProvider = ownProvider;
    this.#attempt = attempt;
  }

  /**
   * Writes a change of state into the trace of its outage.
   * @returns the span of the change, an invalid context where none could be made
   */
  add(record: BreakerRecord, event: TransitionEvent, attributes: Attributes): SpanContext {
    record.outage ??= new OutageTrace(record.entry, record.identity);
    const { outage } = record;
    this.#traces.add(outage);
    let span = INVALID_SPAN_CONTEXT;
    this.#attempt('the span of a transition', () => {
      span = outage.add(this.#tracer(), event, attributes, record.evidence.causes(event.verdict));
    });
    if (event.to === 'closed') {
      record.outage = undefined;
      this.#traces.delete(outage);
    }
    return span;
  }

  /** Ends every open period's span. */
  dispose(): void {
    for (const outage of this.#traces) this.#attempt('ending the span of an open period', () => outage.end());
    this.#traces.clear();
  }

  /** Asked for each time: the SDK may have been registered since. */
  #tracer(): Tracer {
    return (this.#ownProvider ?? trace).getTracer(SCOPE_NAME, SCOPE_VERSION);
  }
}
