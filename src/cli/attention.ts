import type { BreakerView } from './breaker-view.ts';

/** How urgently a breaker wants to be looked at, the smaller the sooner: open, half-open, steered by a person, letting less than all through, rest. */
function attentionRank({ state, override, modeOverride, admittedShare }: BreakerView): number {
  if (state === 'open') return 0;
  if (state === 'halfOpen') return 1;
  if (override !== null || modeOverride !== null) return 2;
  return admittedShare < 1 ? 3 : 4;
}

/** Sorts breakers that need attention to the front; within a rank, by name. */
export function byAttention(one: BreakerView, other: BreakerView): number {
  return attentionRank(one) - attentionRank(other) || compareNames(one, other);
}

/** Sorts by name, the same on each machine. */
export function compareNames(one: { readonly name: string }, other: { readonly name: string }): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}
