import type { Breaker } from '../core/breaker.ts';
import type { Mode, Override } from '../core/state.ts';

/**
 * Does to a breaker what was done to it from outside, live: a person's override, trip or reset, a signal. What is not from outside, and what is no such
 * event, does nothing.
 */
export function applyAct(breaker: Breaker, event: Readonly<Record<string, unknown>>): void {
  const reason = typeof event['reason'] === 'string' ? event['reason'] : '';
  if (event['type'] === 'override') breaker.override((event['override'] ?? null) as Override | null, { reason });
  // Observing judges as enforcing does; a change of the policy is none of a person.
  else if (event['type'] === 'mode' && reason !== 'policy') {
    breaker.setMode((event['mode'] as Mode) === 'off' ? 'off' : null, { reason });
  } else if (event['type'] === 'transition') applyVerdict(breaker, event);
}

function applyVerdict(breaker: Breaker, event: Readonly<Record<string, unknown>>): void {
  const verdict = (event['verdict'] ?? {}) as { readonly reason?: string; readonly message?: string; readonly signal?: string };
  const { reason, message = '', signal = '' } = verdict;
  if (reason === 'manual') breaker.trip(message);
  else if (reason === 'reset') breaker.reset(message);
  else if (reason === 'signal') {
    const { openForMs } = event;
    breaker.tripBySignal({ signal, message }, typeof openForMs === 'number' ? openForMs : 0);
  }
}
