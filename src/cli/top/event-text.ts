import type { WireEvent } from '../admin-messages.ts';
import { modeOf, overrideOf, stateOf } from '../breaker-view.ts';
import { formatNumber } from '../formats.ts';
import { plainText } from '../plain-text.ts';
import type { Style } from '../terminal.ts';

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** An event in a line: `14:03:07 NAME opens: 5 failures in a row (trips at 5)`. */
export function eventText(event: WireEvent): { readonly text: string; readonly style: Style } {
  const { what, style } = told(event);
  const subject = event.breaker === '' ? '' : `${event.breaker} `;
  return { text: plainText(`${timeText(event)}${subject}${what}`), style };
}

function told({ transition, override, mode, signal, policy }: WireEvent): { readonly what: string; readonly style: Style } {
  if (transition) {
    const to = stateOf(transition.to);
    const why = transition.verdict === null ? '' : `: ${transition.verdict.text}`;
    if (to === 'open') return { what: `opens${why}`, style: 'red' };
    return to === 'halfOpen' ? { what: `tries again${why}`, style: 'yellow' } : { what: `closes${why}`, style: 'green' };
  }
  if (override) {
    const kind = overrideOf(override.kind);
    if (kind === null) return { what: `is automatic again: ${override.reason}`, style: 'cyan' };
    return { what: `is forced ${kind === 'forcedOpen' ? 'open' : 'closed'}: ${override.reason}`, style: 'yellow' };
  }
  if (mode) return { what: `goes to mode ${modeOf(mode.mode)}: ${mode.reason}`, style: 'yellow' };
  if (signal) {
    const why = signal.error === '' ? '' : `: ${signal.error}`;
    return { what: `signal ${signal.signal} is ${signal.standing}${why}`, style: signal.standing === 'quiet' ? 'green' : 'red' };
  }
  if (policy?.applied === true) {
    return { what: `${policy.source} holds now, ${formatNumber(policy.changes.length, 'change')}`, style: 'cyan' };
  }
  return policy ? { what: `${policy.source} was refused`, style: 'red' } : { what: 'something else happened', style: 'dim' };
}

/** The local time of the day. */
function timeText({ time }: WireEvent): string {
  if (time === null) return '';
  return `${TIME.format(time.seconds * 1000)} `;
}
