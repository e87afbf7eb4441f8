import { type Attributes, type Span, type SpanContext, SpanKind, TraceFlags } from '@opentelemetry/api';

/**
 * The client span of a call that can still be written to. Undefined for any other span: without an instrumentation of gRPC the active
 * span is one of the user's own, which is about more than this call. The API does not tell a span's kind; the SDK's spans do.
 */
export function clientSpan(observed: unknown): Span | undefined {
  const span = observed as (Span & { readonly kind?: SpanKind }) | undefined;
  return span?.kind === SpanKind.CLIENT && span.isRecording() ? span : undefined;
}

/** Writes on a client span what the breaker did to its call, with a link to the trip where that was sampled. */
export function annotate(span: Span, attributes: Attributes, trip: SpanContext | undefined): void {
  span.setAttributes(attributes);
  if (trip !== undefined && (trip.traceFlags & TraceFlags.SAMPLED) !== 0) span.addLink?.({ context: trip });
}
