import type { Verdict } from '../core/verdict.ts';
import type { FallbackCause } from './fallback-options.ts';
import { sharedWeakMap } from './shared-weak-map.ts';

/** Where a response came from that is not the dependency's. */
export interface FallbackInfo {
  /** The name of the fallback source. */
  readonly source: string;
  /** Whether the breaker refused the call, or the call failed. */
  readonly reason: FallbackCause;
  /** The breaker's name. */
  readonly breaker: string;
  /** Why the breaker is in its state; undefined when it never changed. */
  readonly verdict: Verdict | undefined;
}

const marks = sharedWeakMap<FallbackInfo>('grpc-breaker.fallbacks');

/** Remembers that a response is a fallback, without changing it. */
export function markFallback(response: unknown, info: FallbackInfo): void {
  if (typeof response === 'object' && response !== null) marks.set(response, info);
}

/**
 * Tells a fallback from the dependency's own answer.
 * @param response - a response message, as the call delivered it
 * @returns where it came from; undefined for an answer of the dependency
 */
export function fallbackOf(response: unknown): FallbackInfo | undefined {
  return typeof response === 'object' && response !== null ? marks.get(response) : undefined;
}
