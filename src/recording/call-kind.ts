import type { Outcome } from '../core/outcome.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import { CAUSES, KIND, NO_DEADLINE } from './format.ts';

/** How a call ended, as recordings have it. @param isFailureCode - its status code is one of the failures of its policy */
export function kindOf(outcome: Outcome, cause: IgnoredCause | undefined, isFailureCode: boolean): number {
  if (outcome === 'ignored') return KIND.ignored + Math.max(0, CAUSES.indexOf(cause ?? 'classified'));
  if (outcome === 'failure') return isFailureCode ? KIND.failure : KIND.otherFailure;
  return isFailureCode ? KIND.otherSuccess : KIND.success;
}

/** What a call has left, as recordings have it. */
export function deadlineUsOf(leftMs: number): number {
  return leftMs === Infinity ? NO_DEADLINE : Math.max(0, Math.round(leftMs * 1000));
}
