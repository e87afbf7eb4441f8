import type { Outcome, Permit, PermitSlot } from '../../../src/index.ts';
import type { PackageEntry } from '../../harness/suite.ts';

/** How 64 calls end, over and over: 3 failed and 1 ignored among them, never 2 in a row, so that no branch is left cold and nothing trips. */
export const OUTCOMES: readonly Outcome[] = Array.from({ length: 64 }, (_, call) => {
  if (call % 21 === 20) return 'failure';
  return call === 11 ? 'ignored' : 'success';
});

/** Per call, so that slices of a window pass as they do at 100,000 calls a second. */
export const STEP_MS = 0.01;

/** A place for a permit. */
export function emptySlot({ NO_PERMIT }: PackageEntry): PermitSlot {
  return { permitGeneration: NO_PERMIT, permitTrial: -1, permitSlow: 0 };
}

/** The public way to say how a call ended. */
export function settlePermit(permit: Permit, outcome: Outcome, durationMs: number): void {
  if (outcome === 'success') permit.success(durationMs);
  else if (outcome === 'failure') permit.failure(durationMs);
  else permit.ignore();
}

/** What a refused call does in a benchmark of passing calls. */
export function refused(): never {
  throw new Error('the breaker refused a call: these figures would be those of something else');
}
