import * as otel from '@opentelemetry/api';
import { describeVerdict } from '../core/describe-verdict.ts';
import type { OverrideEvent, TransitionEvent } from '../core/events.ts';
import { LOG_EVENTS } from './names.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';

// The logs API came with 1.10 of the API package; a named import of it breaks on 1.9.
const { logs, SeverityNumber } = otel as Partial<typeof otel>;

/** Tells a change of state as a log event, in the trace of its span. */
export function logStateChange(event: TransitionEvent, attributes: otel.Attributes, span: otel.SpanContext): void {
  const body = `${event.breaker}: ${event.from} -> ${event.to}: ${describeVerdict(event.verdict)}`;
  emit(LOG_EVENTS.stateChange, event.to === 'open', body, attributes, span);
}

/** Tells what a person decided as a log event, in the trace of the outage where there is one: not every override changes the state. */
export function logOverrideChange(event: OverrideEvent, attributes: otel.Attributes, trip: otel.SpanContext | undefined): void {
  const body = `${event.breaker}: ${event.override ?? 'no override'}: ${event.reason}`;
  emit(LOG_EVENTS.overrideChange, event.override === 'forcedOpen', body, attributes, trip);
}

function emit(
  eventName: string,
  isWarning: boolean,
  body: string,
  attributes: otel.Attributes,
  span: otel.SpanContext | undefined,
): void {
  if (logs === undefined || SeverityNumber === undefined) return;
  logs.getLogger(SCOPE_NAME, SCOPE_VERSION).emit({
    eventName,
    severityNumber: isWarning ? SeverityNumber.WARN : SeverityNumber.INFO,
    severityText: isWarning ? 'WARN' : 'INFO',
    body,
    attributes,
    context: span === undefined ? otel.ROOT_CONTEXT : otel.trace.setSpanContext(otel.ROOT_CONTEXT, span),
  });
}
