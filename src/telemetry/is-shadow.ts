import type { TransitionEvent } from '../core/events.ts';

/** Whether a change of state is one that only enforcement would have made real: nobody was refused. What a person forces refuses calls in any mode. */
export function isShadow({ mode, verdict }: Pick<TransitionEvent, 'mode' | 'verdict'>): boolean {
  return mode === 'observe' && verdict.reason !== 'forced';
}
