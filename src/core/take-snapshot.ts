import type { Admission } from './admission/admission.ts';
import type { BreakerSnapshot } from './snapshot.ts';
import type { Mode } from './state.ts';
import type { Said, StateMachine } from './state-machine.ts';
import type { Tally } from './tally.ts';
import type { Judge } from './trip/judge.ts';

/** What a snapshot is taken of. */
export interface SnapshotParts {
  readonly name: string;
  readonly mode: Mode;
  readonly chosen: (Said & { readonly mode: Mode }) | undefined;
  readonly machine: StateMachine;
  readonly admission: Admission | undefined;
  readonly tally: Tally;
  readonly judge: Judge;
  /** Milliseconds until a call may be let through again. */
  readonly retryInMs: number;
}

/** How a breaker stands now. */
export function takeSnapshot(parts: SnapshotParts, nowMs: number): BreakerSnapshot {
  const { name, mode, chosen, machine, tally, judge, retryInMs } = parts;
  const { state, override, overrideSaid: said, sinceMs, verdict } = machine;
  return {
    name,
    state,
    mode,
    override,
    overrideReason: said?.reason,
    overrideEndsInMs: said === undefined ? 0 : said.untilMs - nowMs,
    chosenMode: chosen === undefined ? null : { mode: chosen.mode, reason: chosen.reason, endsInMs: chosen.untilMs - nowMs },
    inStateMs: nowMs - sinceMs,
    verdict,
    trialDue: machine.isTrialDue(nowMs),
    retryInMs,
    admittedShare: admittedShare(parts, nowMs),
    inFlight: tally.inFlight,
    counts: tally.counts(),
    conditions: judge.snapshot(nowMs),
  };
}

function admittedShare({ machine, admission }: SnapshotParts, nowMs: number): number {
  if (machine.state !== 'closed') return 0;
  return machine.override === null ? (admission?.share(nowMs) ?? 1) : 1;
}
