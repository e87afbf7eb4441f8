import type { BreakerEntry } from './registry.ts';

/** Apart from the entries: most breakers never observe, and each field costs all of them. */
const counts = new WeakMap<BreakerEntry, Map<string, number>>();

const NONE: ReadonlyMap<string, number> = new Map<string, number>();

/** Counts a call that a fallback source would have answered, had the policy been enforced. */
export function countWouldAnswer(entry: BreakerEntry, source: string): void {
  let own = counts.get(entry);
  if (own === undefined) {
    own = new Map();
    counts.set(entry, own);
  }
  own.set(source, (own.get(source) ?? 0) + 1);
}

/** Calls that a fallback would have answered, had the policy been enforced, by the name of the source. */
export function wouldAnswers(entry: BreakerEntry): ReadonlyMap<string, number> {
  return counts.get(entry) ?? NONE;
}
