import { type Span, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** So many calls are linked to at most. */
const CAPACITY = 32;

/** Remembers the spans of the last calls of one kind: of the sampled ones, for a link to the others leads nowhere. */
export class CallRing {
  readonly #contexts: SpanContext[] = [];
  /** The how-manieth call each context belongs to. */
  readonly #numbers: number[] = [];
  #next = 0;
  #calls = 0;

  /** Takes in a call; its span counts where it was sampled. */
  add(span: Span | undefined): void {
    const number = ++this.#calls;
    const context = span?.spanContext();
    if (context === undefined || (context.traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#contexts[this.#next] = context;
    this.#numbers[this.#next] = number;
    this.#next = (this.#next + 1) % CAPACITY;
  }

  /** The spans of the last so many calls, the oldest first. Calls that share a span (their caller's) share an entry. */
  last(calls: number): SpanContext[] {
    const found = new Map<string, SpanContext>();
    const size = this.#contexts.length;
    for (let step = 0; step < size; step++) {
      const at = (this.#next + step) % size;
      const context = this.#contexts[at];
      if (context === undefined || (this.#numbers[at] ?? 0) <= this.#calls - calls) continue;
      found.set(`${context.traceId}-${context.spanId}`, context);
    }
    return [...found.values()];
  }
}
