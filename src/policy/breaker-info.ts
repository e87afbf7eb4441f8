import type { BreakerSnapshot } from '../core/snapshot.ts';
import type { BreakerEntry } from './registry.ts';

/** A breaker and its surroundings, for those who look at it: admin service, dashboard. */
export interface BreakerInfo {
  /** How it stands. */
  readonly snapshot: BreakerSnapshot;
  /** The target that its client was attached with. */
  readonly target: string;
  /** `pkg.Service/Method` of the call that made it. */
  readonly method: string;
  /** The place of its policy, such as `methods[0]`. */
  readonly policy: string;
  /** Fallback answers by the name of their source. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** Ended calls that said nothing of the dependency, by cause. */
  readonly ignored: Readonly<Record<string, number>>;
  /** The OpenTelemetry trace of its last outage; undefined without one, and without telemetry. */
  readonly traceId: string | undefined;
}

/** Looks at a breaker. */
export function describeEntry(entry: BreakerEntry, traceId: string | undefined): BreakerInfo {
  const { breaker, target, method, policy, fallbacks, ignored } = entry;
  return {
    snapshot: breaker.snapshot(),
    target,
    method,
    policy: policy.path,
    fallbacks: Object.fromEntries(fallbacks),
    ignored: Object.fromEntries(ignored),
    traceId,
  };
}
