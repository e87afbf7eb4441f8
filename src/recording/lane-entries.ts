import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';
import { LaneMethod } from './lane-methods.ts';
import type { LanePolicy } from './lane-policy.ts';
import type { BreakerLedger, Ledger } from './ledger.ts';
import { RecordingError } from './recording-error.ts';
import type { ReplayCall } from './replay-call.ts';

/** A recorded breaker and method under a policy: which breaker is its own now, and where it is counted. */
export interface LaneEntry {
  readonly method: LaneMethod;
  /** Undefined where no policy is for it, or it is off. */
  entry: BreakerEntry | undefined;
  ledger: BreakerLedger;
  /** The name that its breaker had, live. */
  readonly recorded: string;
}

interface Parts {
  readonly policy: LanePolicy;
  readonly ledger: Ledger;
  readonly suffix: string;
}

/** Finds what is for a call, through the real registry. */
export class LaneEntries {
  readonly #parts: Parts;
  readonly #registry: BreakerRegistry;
  readonly #byId: (LaneEntry | undefined)[] = [];
  readonly #byRecorded = new Map<string, LaneEntry[]>();
  readonly #byEntry = new Map<BreakerEntry, LaneEntry>();

  constructor(parts: Parts, registry: BreakerRegistry) {
    this.#parts = parts;
    this.#registry = registry;
  }

  /** What is for a call. @throws RecordingError where its key cannot be made */
  of(call: ReplayCall): LaneEntry {
    const id = call.breaker?.breaker ?? -1;
    const own = this.#byId[id] ?? this.#meet(call, id);
    const { entry } = own;
    if (entry !== undefined) {
      // As the interceptor does: there may be room for one of its own by now.
      if (entry.evicted || entry.isOverflow) this.#acquire(own, call);
      else entry.recentlyUsed = true;
    }
    return own;
  }

  /** That of a breaker which is known already. */
  known(entry: BreakerEntry): LaneEntry | undefined {
    return this.#byEntry.get(entry);
  }

  /** Those whose breaker had this name, live: one for each breaker. */
  ofRecorded(name: string): readonly LaneEntry[] {
    return this.#byRecorded.get(name) ?? [];
  }

  #meet(call: ReplayCall, id: number): LaneEntry {
    const { breaker } = call;
    if (breaker === undefined) throw new RecordingError('a call without a breaker');
    const { policy, ledger, suffix } = this.#parts;
    const method = new LaneMethod(policy, breaker);
    const own: LaneEntry = { method, entry: undefined, ledger: ledger.of(breaker.name + suffix), recorded: breaker.name };
    this.#byId[id] = own;
    if (method.policy !== undefined) this.#acquire(own, call);
    const others = this.#byRecorded.get(breaker.name) ?? [];
    if (!others.some(({ entry }) => entry === own.entry)) others.push(own);
    this.#byRecorded.set(breaker.name, others);
    return own;
  }

  #acquire(own: LaneEntry, { breaker }: ReplayCall): void {
    const { policy, key } = own.method;
    if (policy === undefined || breaker === undefined) return;
    if (own.entry !== undefined) this.#byEntry.delete(own.entry);
    const entry = this.#registry.acquire(key, policy, breaker.target, breaker.method);
    own.entry = entry;
    own.ledger = this.#parts.ledger.of(entry.breaker.name + this.#parts.suffix);
    if (!this.#byEntry.has(entry)) this.#byEntry.set(entry, own);
  }
}
