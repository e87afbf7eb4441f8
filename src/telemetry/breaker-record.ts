import type { Attributes } from '@opentelemetry/api';
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
  readonly evidence: TripEvidence = new TripEvidence();
  readonly transitions: TransitionCounts;
  /** What was reported of it. */
  series: BreakerSeries | undefined;
  /** From the trip until it closes. */
  outage: OutageTrace | undefined;

  constructor(entry: BreakerEntry) {
    this.entry = entry;
    this.transitions = new TransitionCounts(entry);
  }

  /** What its spans and log events say of it. */
  get identity(): Attributes {
    this.#identity ??= breakerIdentity(this.entry);
    return this.#identity;
  }
}
