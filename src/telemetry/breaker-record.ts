import type { Attributes } from '@opentelemetry/api';
import type { BreakerEntry } from '../policy/registry.ts';
import { breakerIdentity } from './breaker-identity.ts';
import { ATTRIBUTES } from './names.ts';
import type { OutageTrace } from './outage-trace.ts';
import { TransitionCounts } from './transition-counts.ts';
import { TripEvidence } from './trip-evidence.ts';

/** What telemetry keeps of one breaker. Made when there is something to keep. */
export class BreakerRecord {
  readonly entry: BreakerEntry;
  /** What its spans and log events say of it. */
  readonly identity: Attributes;
  /** What its series say of it. */
  readonly nameOnly: Attributes;
  readonly evidence: TripEvidence = new TripEvidence();
  readonly transitions: TransitionCounts;
  /** From the trip until it closes. */
  outage: OutageTrace | undefined;

  constructor(entry: BreakerEntry) {
    this.entry = entry;
    this.identity = breakerIdentity(entry);
    this.nameOnly = { [ATTRIBUTES.name]: entry.breaker.name };
    this.transitions = new TransitionCounts(entry);
  }
}
