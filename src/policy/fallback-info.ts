import type { Verdict } from '../core/verdict.ts';
import type { FallbackCause } from './fallback-cause.ts';
import { sharedWeakMap } from './shared-weak-map.ts';

/** Where a response came from that is not the dependency's. */
export interface FallbackInfo {
  /** The name of the fallback source. */
  readonly source: string;
  /** Why the fallback was asked: the breaker refused the call, the call failed, or its answer was stale. */
  readonly reason: FallbackCause;
  /** How old the answer was when it was delivered, in milliseconds from the start of the call that brought it; undefined where it has no age. */
  readonly ageMs: number | undefined;
  /** The breaker's name. */
  readonly breaker: string;
  /** Why the breaker is in its state; undefined when it never changed. */
  readonly verdict: Verdict | undefined;
}

const marks = sharedWeakMap<FallbackInfo>('grpc-breaker.fallbacks');

/** Remembers that a response, or the metadata of an error, is a fallback's, without changing it. */
export function markFallback(value: unknown, info: FallbackInfo): void {
  if (typeof value === 'object' && value !== null) marks.set(value, info);
}

/**
 * Tells a fallback from the dependency's own answer.
 * @param response - a response message, or an error, as the call delivered it
 * @returns where it came from; undefined for an answer of the dependency
 */
export function fallbackOf(response: unknown): FallbackInfo | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const own = marks.get(response);
  if (own !== undefined || !(response instanceof Error)) return own;
  const { metadata } = response as { metadata?: unknown };
  return typeof metadata === 'object' && metadata !== null ? marks.get(metadata) : undefined;
}
