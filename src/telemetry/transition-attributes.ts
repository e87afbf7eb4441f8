import type { Attributes } from '@opentelemetry/api';
import type { ModeEvent, OverrideEvent, TransitionEvent } from '../core/events.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { ATTRIBUTES, snakeCase, VERDICT_ATTRIBUTES } from './names.ts';
import { verdictAttributes } from './verdict-attributes.ts';

/** How long a breaker means to stay open, in seconds; nothing where no end is known. */
export function plannedDuration({ openForMs }: TransitionEvent): Attributes {
  return openForMs > 0 && Number.isFinite(openForMs) ? { [ATTRIBUTES.plannedDuration]: openForMs / 1000 } : {};
}

/** What a change of state is described by, on its span and in its log event. */
export function transitionAttributes(event: TransitionEvent, identity: Attributes, errorType: string): Attributes {
  return {
    ...identity,
    [ATTRIBUTES.state]: snakeCase(event.to),
    [ATTRIBUTES.previousState]: snakeCase(event.from),
    [ATTRIBUTES.reason]: snakeCase(event.verdict.reason),
    [ATTRIBUTES.mode]: event.mode,
    ...verdictAttributes(event.verdict),
    ...(event.to === 'open' ? { ...plannedDuration(event), [ATTRIBUTES.errorType]: errorType } : {}),
  };
}

/** What a person's decision is described by in its log event, with the state that the breaker is in then. */
export function overrideAttributes(
  { override, reason }: OverrideEvent,
  identity: Attributes,
  { breaker }: BreakerEntry,
): Attributes {
  return {
    ...identity,
    [ATTRIBUTES.override]: override === null ? 'none' : snakeCase(override),
    [ATTRIBUTES.state]: snakeCase(breaker.state),
    [ATTRIBUTES.mode]: breaker.mode,
    [VERDICT_ATTRIBUTES.message]: reason,
  };
}

/** What a change of mode is described by in its log event, with the state that the breaker is in then. */
export function modeAttributes({ mode, reason }: ModeEvent, identity: Attributes, { breaker }: BreakerEntry): Attributes {
  return {
    ...identity,
    [ATTRIBUTES.mode]: mode,
    [ATTRIBUTES.state]: snakeCase(breaker.state),
    [VERDICT_ATTRIBUTES.message]: reason,
  };
}

/** So many changes, and so many problems, stand in a log event. */
const MOST_LISTED = 10;

/** What another policy is described by in its log event. */
export function policyAttributes({ source, result, changes, problems, kept, ended }: PolicyEvent): Attributes {
  return {
    [ATTRIBUTES.policySource]: source,
    [ATTRIBUTES.policyResult]: result,
    [ATTRIBUTES.policyChangesCount]: changes.length,
    [ATTRIBUTES.policyChanges]: changes.slice(0, MOST_LISTED).map(({ path }) => path),
    [ATTRIBUTES.policyProblemsCount]: problems.length,
    [ATTRIBUTES.policyProblems]: problems.slice(0, MOST_LISTED).map(({ path, message }) => `${path}: ${message}`),
    [ATTRIBUTES.policyKept]: kept,
    [ATTRIBUTES.policyEnded]: ended,
  };
}
