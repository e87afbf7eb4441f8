import type { Attributes } from '@opentelemetry/api';
import type { OverrideEvent, TransitionEvent } from '../core/events.ts';
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
