import type { Attributes } from '@opentelemetry/api';
import type { MethodPolicy } from '../policy/policy.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { breakerIdentity } from './breaker-identity.ts';
import type { BreakerSeries } from './breaker-series.ts';
import type { OutageTrace } from './outage-trace.ts';
import { TransitionCounts } from './transition-counts.ts';
import { TripEvidence } from './trip-evidence.ts';

/** What telemetry keeps of one breaker. Made when there is something to keep. */
export class BreakerRecord {
  readonly entry: BreakerEntry;
  #identity: Attributes | undefined;
  /** The policy that it was made by. */
  #identityOf: MethodPolicy | undefined;
  readonly evidence: TripEvidence = new TripEvidence();
  /** Those that callers see. */
  readonly transitions: TransitionCounts;
  /** Those that enforcement would have made; made when it observes. */
  #shadowTransitions: TransitionCounts | undefined;
  /** A person forced it open. */
  isForcedOpen = false;
  /** What was reported of it. */
  series: BreakerSeries | undefined;
  /** From the trip until it closes. */
  outage: OutageTrace | undefined;
  /** The trace of its last outage. */
  traceId: string | undefined;

  constructor(entry: BreakerEntry) {
    this.entry = entry;
    this.transitions = new TransitionCounts(entry, 'enforce');
  }

  /** Made for a breaker that observes, or has. */
  get shadowTransitions(): TransitionCounts {
    this.#shadowTransitions ??= new TransitionCounts(this.entry, 'observe');
    return this.#shadowTransitions;
  }

  /** What its spans and log events say of it. */
  get identity(): Attributes {
    const { policy } = this.entry;
    if (this.#identity === undefined || this.#identityOf !== policy) this.#identity = breakerIdentity(this.entry);
    this.#identityOf = policy;
    return this.#identity;
  }
}
