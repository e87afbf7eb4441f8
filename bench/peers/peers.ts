import { ConsecutiveBreaker, circuitBreaker, handleAll, type IPolicy, SamplingBreaker } from 'cockatiel';
import CircuitBreaker from 'opossum';

/** The action that all of them protect: nothing, asynchronously, as the peers' promise-based APIs demand. */
export async function noAction(): Promise<number> {
  return 1;
}

/** opossum as it comes: rolling window of 10 s in 10 buckets, its timeout of 10 s for each call included. */
export function createOpossum(): CircuitBreaker<[], number> {
  return new CircuitBreaker(noAction);
}

/** opossum without its timeout for each call, which no other one here has: the gentler comparison. */
export function createOpossumWithoutTimeout(): CircuitBreaker<[], number> {
  return new CircuitBreaker(noAction, { timeout: false });
}

/** cockatiel with a window of 10 s and 50 %, as our failureRate. */
export function createCockatielSampling(): IPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }) });
}

/** cockatiel with 5 failures in a row, as our consecutiveFailures. */
export function createCockatielConsecutive(): IPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(5) });
}
