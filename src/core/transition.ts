import type { State } from './state.ts';

/**
 * The legal transitions, all of them. `open -> closed` happens only by a person's hand (reset, forcedClosed);
 * a breaker left to itself closes through half-open.
 */
export const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  closed: ['open'],
  open: ['halfOpen', 'closed'],
  halfOpen: ['open', 'closed'],
};

/** Whether a breaker may go from one state to the other. */
export function isLegalTransition(from: State, to: State): boolean {
  return TRANSITIONS[from].includes(to);
}
