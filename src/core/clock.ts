/**
 * Where the breaker reads time from. Milliseconds of a monotonic clock with any origin: only differences count,
 * so that a step of the wall clock changes nothing.
 */
export interface Clock {
  /** Milliseconds since any fixed point. */
  now(): number;
}
