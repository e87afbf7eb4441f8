import type { TransitionEvent } from '../core/events.ts';
import type { Administered } from '../policy/administered.ts';
import type { PolicyChange, PolicyEvent } from '../policy/policy-event.ts';
import { MODES, overrideNumber, STATES } from './enums.ts';
import { told } from './plain-text.ts';
import { protoTime } from './protobuf-time.ts';
import { verdictMessage } from './verdict-message.ts';

/** What the breakers' subscribers hear. */
export type AdministeredEvent = Parameters<Parameters<Administered['subscribe']>[0]>[0];

/** More differences or problems of a policy than these are not told. */
const MOST_DIFFERENCES = 100;

/** The breaker that an event happened to; empty for those of none. */
export function breakerOf(event: AdministeredEvent): string {
  return 'breaker' in event ? event.breaker : '';
}

/** An event as the message of that name. */
export function eventMessage(event: AdministeredEvent, sequence: number, wallMs: number): object {
  return { sequence, time: protoTime(wallMs), breaker: breakerOf(event), ...kindOf(event) };
}

function kindOf(event: AdministeredEvent): object {
  switch (event.type) {
    case 'transition':
      return { transition: transitionMessage(event) };
    case 'override':
      return { override: { kind: overrideNumber(event.override), reason: told(event.reason) } };
    case 'mode':
      return { mode: { mode: MODES[event.mode], reason: told(event.reason) } };
    case 'signal': {
      const { signal, policies, standing, value, error } = event;
      return { signal: { signal, policies, standing, value, error: told(error ?? '') } };
    }
    case 'policy':
      return { policy: policyMessage(event) };
    case 'shadow':
    default:
      return { other: { type: (event as { type: string }).type, json: json(event) } };
  }
}

function transitionMessage({ from, to, verdict, lastedMs, openForMs, mode, traceId }: TransitionEvent): object {
  return {
    from: STATES[from],
    to: STATES[to],
    verdict: verdictMessage(verdict),
    lasted: protoTime(lastedMs),
    open_for: to === 'open' ? protoTime(openForMs) : undefined,
    mode: MODES[mode],
    trace_id: traceId ?? '',
  };
}

function policyMessage({ result, source, changes, problems, kept, ended }: PolicyEvent): object {
  return {
    applied: result === 'applied',
    source,
    changes: differenceMessages(changes),
    problems: problems.slice(0, MOST_DIFFERENCES).map(({ path, message }) => ({ path, message: told(message) })),
    kept,
    ended,
  };
}

/** Differences of policies as messages. */
export function differenceMessages(changes: readonly PolicyChange[]): object[] {
  return changes.slice(0, MOST_DIFFERENCES).map(({ path, from, to }) => ({ path, from: json(from), to: json(to) }));
}

function json(value: unknown): string {
  if (typeof value === 'function') return '[function]';
  return value === undefined ? '' : told(JSON.stringify(value) ?? '');
}
