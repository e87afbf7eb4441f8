import type { BreakerConfig } from '../core/options.ts';
import type { RejectionReason } from '../core/state.ts';

/** Whether breakers of this configuration can ever refuse a call for this reason, enforced. A person can force any of them. */
export function canReject({ shed, maxConcurrent, rampUpMs }: BreakerConfig, reason: RejectionReason): boolean {
  if (reason === 'shed') return shed !== undefined;
  if (reason === 'concurrency') return maxConcurrent !== Infinity;
  return reason !== 'ramp' || rampUpMs > 0;
}
