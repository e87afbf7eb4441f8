/** Every default of the breaker, in one place. Durations in milliseconds, shares as 0..1. */
export const DEFAULTS = {
  consecutiveFailures: 5,
  failureRate: 0.5,
  slowCallRate: 0.5,
  windowMs: 10_000,
  slices: 10,
  minCalls: 20,
  openForMs: 5_000,
  backoffFactor: 2,
  backoffMaxMs: 60_000,
  /** Of breakers made from a policy; a bare core breaker has none. */
  policyJitter: 0.2,
  bareJitter: 0,
  trials: 3,
  leaseMs: 30_000,
  mode: 'enforce',
  maxBreakers: 10_000,
} as const;
