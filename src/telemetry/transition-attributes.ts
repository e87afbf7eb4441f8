import type { Attributes } from '@opentelemetry/api';
import type { TransitionEvent } from '../core/events.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
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
