import type { BreakerView } from './breaker-view.ts';
import { formatMs, formatShare } from './formats.ts';
import { plainText } from './plain-text.ts';
import type { Style } from './terminal.ts';

/** A state as people read it, with what qualifies it: `open (forced)`, `closed (observe)`. */
export function stateText({ state, mode, override }: BreakerView): string {
  const text = state === 'halfOpen' ? 'half-open' : state;
  const notes = [...(override === null ? [] : ['forced']), ...(mode === 'enforce' ? [] : [mode])];
  return notes.length === 0 ? text : `${text} (${notes.join(', ')})`;
}

/** The colour of a state. */
export function stateStyle({ state, override, admittedShare }: BreakerView): Style {
  if (state === 'open') return 'red';
  if (state === 'halfOpen' || override !== null || admittedShare < 1) return 'yellow';
  return 'green';
}

/** Why it is as it is, in a line: a person's reason, else the verdict. */
export function whyText({ override, modeOverride, verdict, state, admittedShare }: BreakerView): string {
  if (override !== null) return `${override.reason}${endsText(override.endsInMs)}`;
  if (modeOverride !== null) return `${modeOverride.reason}${endsText(modeOverride.endsInMs)}`;
  if (state === 'closed' && admittedShare < 1) return `lets ${formatShare(admittedShare)} of calls through`;
  return verdict === null || state === 'closed' ? '' : verdict.text;
}

/** When the next call may pass, for breakers that let none through; empty else. */
export function nextText({ state, trialDue, nextTrialInMs, override }: BreakerView): string {
  if (state !== 'open') return '';
  if (trialDue || nextTrialInMs === 0) return 'now';
  if (nextTrialInMs !== null) return formatMs(nextTrialInMs);
  return override === null ? '' : 'when released';
}

/** Calls that were refused, over all reasons. */
export function refusedOf({ calls }: BreakerView): number {
  return sum(calls.rejected);
}

/** Fallback answers, over all sources. */
export function servedOf({ fallbacks }: BreakerView): number {
  return sum(fallbacks);
}

/** Counts by name as a text: `UNAVAILABLE 12, UNKNOWN 1`, the most frequent first; empty where all are 0. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${plainText(name)} ${count}`)
    .join(', ');
}

/** Adds up. */
function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function endsText(endsInMs: number | null): string {
  return endsInMs === null ? '' : ` (for another ${formatMs(endsInMs)})`;
}
