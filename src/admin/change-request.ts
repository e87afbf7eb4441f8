import { invalidField } from './admin-error.ts';
import { plainText } from './plain-text.ts';

/** Reasons are read on a screen. */
const LONGEST_REASON = 500;

/** How long what a person decides may last. */
export interface ExpiryLimits {
  /** Where the request says nothing, in milliseconds. */
  readonly defaultMs: number;
  /** The longest, in milliseconds. */
  readonly maxMs: number;
}

/**
 * A reason as one line.
 * @throws AdminError INVALID_ARGUMENT without one, and for one that is too long
 */
export function readReason(given: string): string {
  if (given.length > LONGEST_REASON) {
    throw invalidField('reason', `has ${given.length} characters; expected at most ${LONGEST_REASON}`);
  }
  const reason = plainText(given, LONGEST_REASON);
  if (reason === '') throw invalidField('reason', 'is missing; say why, for those who find it later');
  return reason;
}

/**
 * How long a decision lasts, in milliseconds.
 * @throws AdminError INVALID_ARGUMENT for a time that is not over zero, or over the longest
 */
export function readExpiry(givenMs: number | undefined, { defaultMs, maxMs }: ExpiryLimits): number {
  if (givenMs === undefined) return defaultMs;
  if (!(givenMs > 0)) throw invalidField('expiry', 'is not over zero; expected a duration such as 900s, or none for the default');
  if (givenMs > maxMs) throw invalidField('expiry', `is ${givenMs / 1_000}s; expected at most ${maxMs / 1_000}s`);
  return givenMs;
}
