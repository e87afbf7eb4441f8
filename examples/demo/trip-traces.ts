import { type Attributes, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import type { Style } from './style.ts';
import { table } from './table.ts';

const P = 'grpc_breaker.circuit_breaker.';

/** The trace of an outage: begun by a trip. */
export interface TripTrace {
  readonly traceId: string;
  readonly reason: string;
}

/** Takes down which traces the breaker's trips begin, so that the demo can say where to find them. */
export class TripTraces {
  readonly trips: TripTrace[] = [];
  /** The registered provider, watched. */
  readonly provider: TracerProvider = {
    getTracer: (name, version) => this.#watched(trace.getTracer(name, version)),
  };

  #watched(tracer: Tracer): Tracer {
    return {
      startActiveSpan: tracer.startActiveSpan.bind(tracer),
      startSpan: (name, options, context) => {
        const span = tracer.startSpan(name, options, context);
        if (isTrip(name, options?.attributes)) {
          this.trips.push({ traceId: span.spanContext().traceId, reason: String(options?.attributes?.[`${P}reason`]) });
        }
        return span;
      },
    };
  }
}

/** What follows until the breaker closes is in the trace of the trip. */
function isTrip(name: string, attributes: Attributes = {}): boolean {
  return name === `${P}transition` && attributes[`${P}previous_state`] === 'closed' && attributes[`${P}state`] === 'open';
}

/**
 * Says where a person finds the trips.
 * @param collector - where the traces were sent to; Jaeger shows its pages on port 16686 there
 * @param service - the name under which they were sent
 */
export function whereToLook({ trips }: TripTraces, collector: string, service: string, style: Style): string {
  const jaeger = `http://${new URL(collector).hostname}:16686`;
  const query = new URLSearchParams({ service, operation: `${P}transition`, tags: JSON.stringify({ error: 'true' }) });
  const rows = trips.map(({ traceId, reason }) => [reason, traceId, `${jaeger}/trace/${traceId}`]);
  const header = ['tripped by', 'trace', 'in Jaeger'].map((cell) => style('bold', cell));
  return `${table([header, ...rows])}\n\nAll of them: ${jaeger}/search?${query}`;
}
