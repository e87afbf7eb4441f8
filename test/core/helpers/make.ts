import type { Breaker } from '../../../src/core/breaker.ts';
import type { BreakerEvent } from '../../../src/core/events.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { NO_PERMIT, type Permit, type PermitSlot } from '../../../src/core/permit.ts';
import type { CallCounts } from '../../../src/core/snapshot.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { type BareBreakerOptions, createBreaker } from '../../../src/create-breaker.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';

/** A breaker of a test, its clock, and what it said. */
export interface Made {
  readonly breaker: Breaker;
  readonly clock: ManualClock;
  readonly events: BreakerEvent[];
}

/** What tests need that are about other things than defaults: a condition that is easily met, and long, growing open periods. */
const PLAIN = { openFor: '5s', backoff: { max: '60s' } } as const;
const PLAIN_TRIP = { consecutiveFailures: 5 };

/**
 * A breaker on a clock of its own. Jitter draws the middle unless told otherwise. Without `trip` and `shed` it opens at 5 failures in a row;
 * without more it is open for 5 s, and up to 60 s.
 */
export function make(options: BareBreakerOptions = {}, random: () => number = () => 0.5): Made {
  const clock = new ManualClock();
  const trip = options.shed === undefined ? { trip: PLAIN_TRIP } : {};
  const breaker = createBreaker({ ...PLAIN, ...trip, ...options }, { clock, random });
  const events: BreakerEvent[] = [];
  breaker.subscribe((event) => events.push(event));
  return { breaker, clock, events };
}

/** A slot as callers make them. */
export function newSlot(): PermitSlot {
  return { permitGeneration: NO_PERMIT, permitTrial: -1, permitSlow: 0 };
}

/** Counts of refused calls, all of them. */
export function rejected(some: Partial<CallCounts['rejected']> = {}): CallCounts['rejected'] {
  return { open: 0, halfOpen: 0, ramp: 0, shed: 0, concurrency: 0, forced: 0, ...some };
}

/** A permit that must be granted. */
export function admit(breaker: Breaker, deadlineMs?: number): Permit {
  const permit = breaker.tryAcquire(deadlineMs);
  if (permit === null) throw new Error(`${breaker.name} is ${breaker.state} and refused`);
  return permit;
}

/** Calls that end at once; true when all of them were let through. */
export function call(breaker: Breaker, outcome: Outcome, times = 1, durationMs = 1): boolean {
  let allAdmitted = true;
  for (let i = 0; i < times; i++) {
    const permit = breaker.tryAcquire();
    if (permit === null) allAdmitted = false;
    else if (outcome === 'success') permit.success(durationMs);
    else if (outcome === 'failure') permit.failure(durationMs);
    else permit.ignore();
  }
  return allAdmitted;
}

/** The state changes in words: `closed -> open: manual`. */
export function story(events: readonly BreakerEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'transition') return `${event.from} -> ${event.to}: ${event.verdict.reason}`;
    if (event.type === 'mode') return `mode ${event.mode}: ${event.reason}`;
    return `override ${event.override ?? 'none'}: ${event.reason}`;
  });
}

/** The verdict of the newest state change. */
export function lastVerdict(events: readonly BreakerEvent[]): Verdict | undefined {
  return events.findLast((event) => event.type === 'transition')?.verdict;
}

/** Opens it and lets its open period pass: the next call is the first trial. */
export function makeTrialDue(made: Made): void {
  if (!made.breaker.trip('test')) throw new Error('could not be tripped');
  const { retryInMs } = made.breaker.snapshot();
  made.clock.advance(retryInMs);
}

/** A breaker whose next call is the first trial, and whose open periods do not grow. */
export function due(options: BareBreakerOptions = {}): Made {
  const made = make({ backoff: { factor: 1 }, ...options });
  makeTrialDue(made);
  return made;
}
