import {
  type Attributes,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { describeVerdict } from '../core/describe-verdict.ts';
import type { TransitionEvent } from '../core/events.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { isShadow } from './is-shadow.ts';
import { ATTRIBUTES, SPANS } from './names.ts';
import { OpenSpan } from './open-span.ts';
import { plannedDuration } from './transition-attributes.ts';

/** A trace that has so many children is long enough to be read; the next trip of the outage begins another one. */
const MAX_CHILDREN = 100;

/** Writes the trace of one outage: the trip as its root, everything until the breaker closes below it. */
export class OutageTrace {
  readonly #entry: BreakerEntry;
  readonly #identity: Attributes;
  #root: SpanContext | undefined;
  #children = 0;
  #open: OpenSpan | undefined;

  constructor(entry: BreakerEntry, identity: Attributes) {
    this.#entry = entry;
    this.#identity = identity;
  }

  /** The span of the trip; undefined where none was recorded, for instance before an SDK was there. */
  get trip(): SpanContext | undefined {
    return this.#root;
  }

  /**
   * Writes a change of state.
   * @param causes - the spans of the calls that made it trip
   * @returns its span, an invalid context without an SDK
   */
  add(tracer: Tracer, event: TransitionEvent, attributes: Attributes, causes: readonly SpanContext[]): SpanContext {
    this.end();
    const opens = event.to === 'open';
    const links: Link[] = causes.map((context) => ({ context }));
    let root = this.#root;
    if (root !== undefined && opens && this.#children >= MAX_CHILDREN) {
      links.push({ context: root });
      root = undefined;
    }
    const parent = root === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, root);
    const span = tracer.startSpan(SPANS.transition, { attributes, links }, parent);
    // An error to whoever looks for errors: not while nobody is refused.
    if (opens && !isShadow(event)) span.setStatus({ code: SpanStatusCode.ERROR, message: describeVerdict(event.verdict) });
    span.end();
    const context = span.spanContext();
    this.#children++;
    if (root === undefined) this.#beginWith(context);
    if (opens) this.#openPeriod(tracer, event);
    return context;
  }

  /** Ends the span of the open period, if there is one. */
  end(): void {
    this.#open?.end();
    this.#open = undefined;
  }

  #beginWith(context: SpanContext): void {
    this.#root = isSpanContextValid(context) ? context : undefined;
    this.#children = 0;
  }

  #openPeriod(tracer: Tracer, event: TransitionEvent): void {
    const attributes = { ...this.#identity, [ATTRIBUTES.mode]: event.mode, ...plannedDuration(event) };
    const parent = this.#root === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, this.#root);
    this.#open = new OpenSpan(this.#entry, tracer, attributes, parent);
    this.#children++;
  }
}
