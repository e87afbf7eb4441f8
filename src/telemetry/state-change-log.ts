import * as otel from '@opentelemetry/api';
import { describeVerdict } from '../core/describe-verdict.ts';
import type { TransitionEvent } from '../core/events.ts';
import { STATE_CHANGE } from './names.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';

// The logs API came with 1.10 of the API package; a named import of it breaks on 1.9.
const { logs, SeverityNumber } = otel as Partial<typeof otel>;

/** Tells a change of state as a log event, in the trace of its span. */
export function logStateChange(event: TransitionEvent, attributes: otel.Attributes, span: otel.SpanContext): void {
  if (logs === undefined || SeverityNumber === undefined) return;
  const opens = event.to === 'open';
  logs.getLogger(SCOPE_NAME, SCOPE_VERSION).emit({
    eventName: STATE_CHANGE,
    severityNumber: opens ? SeverityNumber.WARN : SeverityNumber.INFO,
    severityText: opens ? 'WARN' : 'INFO',
    body: `${event.breaker}: ${event.from} -> ${event.to}: ${describeVerdict(event.verdict)}`,
    attributes,
    context: otel.trace.setSpanContext(otel.ROOT_CONTEXT, span),
  });
}
