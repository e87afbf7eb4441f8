import type { Outcome } from '../../../src/core/outcome.ts';
import type { Permit } from '../../../src/core/permit.ts';
import { admit, type Made, make, makeTrialDue } from './make.ts';

/** A breaker brought into some state, with calls under way. */
export interface Stand extends Made {
  readonly underWay: readonly Permit[];
}

const OPTIONS = { trip: { consecutiveFailures: 2, slowCallRate: { slowerThan: '25ms' } }, trials: 2, lease: '1s' } as const;
const FOR_A_MINUTE = { reason: 'test', forMs: 60_000 };

function twoCallsThen(act: (made: Made) => void): () => Stand {
  return () => {
    const made = make(OPTIONS);
    const underWay = [admit(made.breaker), admit(made.breaker)];
    act(made);
    return { ...made, underWay };
  };
}

function trialsUnderWay(trials: number): () => Stand {
  return () => {
    const made = make(OPTIONS);
    makeTrialDue(made);
    return { ...made, underWay: Array.from({ length: trials }, () => admit(made.breaker)) };
  };
}

/** Every way to stand. It takes two failures in a row to trip and two trials to close; a lease is 1 s, an open period 5 s. */
export const STANDS = {
  closed: twoCallsThen(() => {}),
  /** The calls under way are from before. */
  open: twoCallsThen(({ breaker }) => breaker.trip('test')),
  trialDue: twoCallsThen(makeTrialDue),
  /** One trial is under way, one may still come. */
  oneTrial: trialsUnderWay(1),
  allTrials: trialsUnderWay(2),
  forcedOpen: twoCallsThen(({ breaker }) => breaker.override('forcedOpen', FOR_A_MINUTE)),
  forcedClosed: twoCallsThen(({ breaker }) => breaker.override('forcedClosed', FOR_A_MINUTE)),
} satisfies Record<string, () => Stand>;

/** Settles all calls under way. */
export function settleAll(stand: Stand, outcome: Outcome, durationMs: number): void {
  for (const permit of stand.underWay) {
    if (outcome === 'success') permit.success(durationMs);
    else if (outcome === 'failure') permit.failure(durationMs);
    else permit.ignore();
  }
}

/** Where it stands now, in a word: `due` is open with its open period over. */
export function standing({ breaker }: Made): string {
  return breaker.snapshot().trialDue ? 'due' : breaker.state;
}
