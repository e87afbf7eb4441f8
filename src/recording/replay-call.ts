import { NO_PERMIT } from '../core/permit.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { WatchedCall } from '../policy/watched-call.ts';
import type { BreakerLine } from './format.ts';

/** A breaker and a method of a recording, and the policy that held for it. */
export interface RecordedBreaker extends BreakerLine {
  /** The parts of its key; null where code made it. */
  readonly keyParts: readonly string[] | null;
  /** What it was configured with, as a text. */
  readonly config: string;
}

/** What became of a call under one policy. */
export const FATE = { none: 0, outside: 1, passed: 2, answered: 3, refused: 4, over: 5 } as const;

/** A call under one policy. */
export class Slot implements WatchedCall {
  permitGeneration: number = NO_PERMIT;
  permitTrial = -1;
  permitSlow = 0;
  askedMs = 0;
  lateBeforeMs = 0;
  watchPrevious: WatchedCall | undefined;
  watchNext: WatchedCall | undefined;
  isListed = false;
  fate: number = FATE.none;
  entry: BreakerEntry | undefined;
}

/** A call of a recording. Times are microseconds since it began. Used again when it is over: whoever remembers one looks at its serial, too. */
export class ReplayCall {
  breaker: RecordedBreaker | undefined;
  startUs = 0;
  /** Infinity while it is not known. */
  endUs: number = Infinity;
  /** Refused, live. */
  isRejected = false;
  code = 0;
  /** As the format has it, without WOULD_REFUSE. */
  kind = 0;
  wouldRefuse = false;
  /** Until it was answered, NaN for all of its time, below 0 for not known. */
  latencyUs: number = Number.NaN;
  askedUs = 0;
  /** Left at its start; Infinity without one. */
  deadlineUs: number = Infinity;
  pushbackUs = 0;
  /** The random number that decided whether it was let through; NaN for none. */
  drawn: number = Number.NaN;
  /** Counts its uses. */
  serial = 0;
  /** One for each policy. */
  readonly slots: readonly Slot[];

  constructor(lanes: number) {
    this.slots = Array.from({ length: lanes }, () => new Slot());
  }

  /** As new. */
  clear(): void {
    this.serial++;
    this.breaker = undefined;
    this.endUs = Infinity;
    this.isRejected = false;
    this.wouldRefuse = false;
    this.latencyUs = Number.NaN;
    this.pushbackUs = 0;
    this.drawn = Number.NaN;
    for (const slot of this.slots) {
      slot.permitGeneration = NO_PERMIT;
      slot.fate = FATE.none;
      slot.entry = undefined;
    }
  }
}
