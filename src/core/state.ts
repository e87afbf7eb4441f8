/** Whether calls pass: `closed` all, `open` none, `halfOpen` a few trials. */
export type State = 'closed' | 'open' | 'halfOpen';

/** What the breaker does with its judgement: `enforce` it, `observe` (judge and report, refuse nothing), or `off`. */
export type Mode = 'enforce' | 'observe' | 'off';

/** A person's decision that stands above the breaker's own judgement. */
export type Override = 'forcedOpen' | 'forcedClosed';

/** @throws TypeError for what is neither an override nor null */
export function checkOverride(value: string | null): void {
  if (value === null || value === 'forcedOpen' || value === 'forcedClosed') return;
  throw new TypeError(`${value} is not an override; expected forcedOpen, forcedClosed or null`);
}

/** @throws TypeError for a time that is none: what it is for would never end */
export function checkDuration(value: number | undefined): void {
  if (value === undefined || (typeof value === 'number' && value > 0)) return;
  throw new TypeError(`forMs is ${value}; expected a number of milliseconds over 0`);
}

/** @throws TypeError for what is neither a mode nor null */
export function checkMode(value: string | null): void {
  if (value === null || value === 'enforce' || value === 'observe' || value === 'off') return;
  throw new TypeError(`${value} is not a mode; expected enforce, observe, off or null`);
}

/**
 * Why a call was refused: the breaker is `open`; it is `halfOpen` with all trials handed out; traffic comes back in a `ramp`; a share is
 * `shed`; too many calls are under way (`concurrency`); or it is `forced` open by a person.
 */
export type RejectionReason = 'open' | 'halfOpen' | 'ramp' | 'shed' | 'concurrency' | 'forced';

/** Every {@link RejectionReason}. */
export const REJECTION_REASONS: readonly RejectionReason[] = ['open', 'halfOpen', 'ramp', 'shed', 'concurrency', 'forced'];
