import type { Breakers } from './breakers.ts';

/** Where a process keeps the breakers of `grpc-breaker/register`, whichever copy of the package asks for them. */
export const REGISTERED: unique symbol = Symbol.for('grpc-breaker.registered') as never;

/** What the process keeps. */
export interface Registration {
  /** Undefined as long as no copy of grpc-js was loaded. */
  breakers: Breakers | undefined;
  /** What sees copies of grpc-js being loaded. */
  hook?: unknown;
}

/**
 * The breakers that `grpc-breaker/register` gave to this process; undefined where it was not registered, and before grpc-js is loaded. For an admin
 * service of your own, listeners and tests.
 */
export function registered(): Breakers | undefined {
  return (globalThis as { [REGISTERED]?: Registration })[REGISTERED]?.breakers;
}
