import { ConsecutiveBreaker, circuitBreaker, fallback, handleAll, wrap } from 'cockatiel';
import CircuitBreaker from 'opossum';

/** An action behind a peer's open breaker, whose fallback answers. */
export interface PeerFallback {
  readonly call: () => Promise<unknown>;
  readonly stop: () => void;
}

/** opossum around the action, open, with a fallback function. */
export function openOpossum(action: () => Promise<unknown>, answer: () => unknown): PeerFallback {
  const breaker = new CircuitBreaker(action, { resetTimeout: 3_600_000 });
  breaker.fallback(answer);
  breaker.open();
  return { call: () => breaker.fire(), stop: () => breaker.shutdown() };
}

/** cockatiel around the action, open, with a fallback function. */
export async function openCockatiel(action: () => Promise<unknown>, answer: () => unknown): Promise<PeerFallback> {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker: new ConsecutiveBreaker(1) });
  await breaker.execute(() => Promise.reject(new Error('trips it'))).catch(() => {});
  const policy = wrap(fallback(handleAll, answer), breaker);
  return { call: () => policy.execute(action), stop: () => {} };
}
