import * as otel from '@opentelemetry/api';
import { describeVerdict } from '../core/describe-verdict.ts';
import type { ConfigProblem } from '../core/errors.ts';
import type { ModeEvent, OverrideEvent, TransitionEvent } from '../core/events.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import { isShadow } from './is-shadow.ts';
import { LOG_EVENTS } from './names.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';

// The logs API came with 1.10 of the API package; a named import of it breaks on 1.9.
const { logs, SeverityNumber } = otel as Partial<typeof otel>;

/** Tells a change of state as a log event, in the trace of its span. */
export function logStateChange(event: TransitionEvent, attributes: otel.Attributes, span: otel.SpanContext): void {
  const body = `${event.breaker}: ${event.from} -> ${event.to}: ${describeVerdict(event.verdict)}`;
  emit(LOG_EVENTS.stateChange, event.to === 'open' && !isShadow(event), body, attributes, span);
}

/** Tells that a breaker's mode changed as a log event, in the trace of the outage where there is one. */
export function logModeChange(event: ModeEvent, attributes: otel.Attributes, trip: otel.SpanContext | undefined): void {
  emit(LOG_EVENTS.modeChange, false, `${event.breaker}: mode ${event.mode}: ${event.reason}`, attributes, trip);
}

/** Tells that another policy came, and whether it holds, as a log event. */
export function logPolicyChange(event: PolicyEvent, attributes: otel.Attributes): void {
  const { source, result, changes, problems, kept, ended } = event;
  const isRefused = result === 'refused';
  const [first] = problems;
  const why = first === undefined ? '' : `, the first is ${first.path}${lineOf(first)}: ${first.message}`;
  const said = isRefused ? `${counted(problems.length, 'problem')}${why}; the policy before it holds` : whatChanged();
  emit(LOG_EVENTS.policyChange, isRefused, `${source}: ${result}: ${said}`, attributes, undefined);

  function whatChanged(): string {
    return `${counted(changes.length, 'change')}; ${counted(kept, 'breaker')} went on, ${ended} ended`;
  }
}

function lineOf({ line }: ConfigProblem): string {
  return line === undefined ? '' : ` (line ${line})`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
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
