import { SpanKind } from '@opentelemetry/api';
import type { ReportedSpan } from './run-application.ts';

const P = 'grpc_breaker.circuit_breaker.';

/** How an outage shows in the spans of an application; its client spans are told by their place in the order in which they ended. */
export interface OutageInSpans {
  /** The status codes of the client spans. */
  readonly calls: readonly unknown[];
  /** Client spans that the span of the trip links to. */
  readonly linkedTo: readonly number[];
  /** Client spans that name the breaker. */
  readonly annotated: readonly number[];
  /** Client spans that say that their call was refused. */
  readonly refused: readonly number[];
  /** Client spans with a link to the span of the trip. */
  readonly linkToTrip: readonly number[];
  /** Spans of open periods. */
  readonly open: number;
}

/** Reads the outage out of an application's spans. */
export function outageInSpans(spans: readonly ReportedSpan[]): OutageInSpans {
  const clients = spans.filter(({ kind, name }) => kind === SpanKind.CLIENT && !name.startsWith(P));
  const trip = spans.find(({ name }) => name === `${P}transition`);
  const places = (isMeant: (span: ReportedSpan) => boolean) => clients.flatMap((span, at) => (isMeant(span) ? [at] : []));
  return {
    calls: clients.map(({ attributes }) => attributes['rpc.grpc.status_code'] ?? attributes['rpc.response.status_code']),
    linkedTo: places(({ id }) => trip?.links.includes(id) === true),
    annotated: places(({ attributes }) => attributes[`${P}name`] !== undefined),
    refused: places(({ attributes }) => attributes[`${P}rejected`] === true),
    linkToTrip: places(({ links }) => trip !== undefined && links.includes(trip.id)),
    open: spans.filter(({ name }) => name === `${P}open`).length,
  };
}
