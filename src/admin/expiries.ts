import { type Duration, durationSchema } from '../policy/units.ts';
import type { ExpiryLimits } from './change-request.ts';

/** How long what a person decides lasts. */
export interface ExpiryOptions {
  /** How long an override or a mode lasts whose request has no expiry. @default '15m' */
  defaultExpiry?: Duration;
  /** The longest expiry. @default '24h' */
  maxExpiry?: Duration;
}

/** The longest time that a timer can be set for, and more than a person can mean. */
const LONGEST_MS = 500 * 3_600_000;

/**
 * Reads how long decisions last.
 * @throws TypeError for what is no duration, or too long
 */
export function readExpiries({ defaultExpiry = '15m', maxExpiry = '24h' }: ExpiryOptions): ExpiryLimits {
  const maxMs = duration('maxExpiry', maxExpiry);
  const defaultMs = duration('defaultExpiry', defaultExpiry);
  if (maxMs > LONGEST_MS) throw new TypeError(`maxExpiry ${maxExpiry} is too long; expected at most 500h`);
  if (defaultMs > maxMs) throw new TypeError(`defaultExpiry ${defaultExpiry} is longer than maxExpiry ${maxExpiry}`);
  return { defaultMs, maxMs };
}

function duration(option: string, given: string): number {
  const { data, error } = durationSchema.safeParse(given);
  if (data === undefined) throw new TypeError(`${option}: ${error?.issues[0]?.message ?? 'is no duration'}`);
  return data;
}
