import type { Breaker } from './core/breaker.ts';
import type { Clock } from './core/clock.ts';
import { Engine } from './core/engine.ts';
import type { BreakerEvent } from './core/events.ts';
import { type BreakerOptions, parseBareBreaker } from './policy/breaker-options.ts';
import { systemClock } from './system-clock.ts';
import { warn } from './warn.ts';

/** The options of a breaker that is used alone. */
export interface BareBreakerOptions extends BreakerOptions {
  /** Its name, in events and snapshots. @default 'breaker' */
  name?: string;
}

/** What else a breaker may be made with. */
export interface BareBreakerDependencies {
  /** Where it reads time from. @default the process's monotonic clock */
  clock?: Clock;
  /** Random numbers from 0 to 1, for jitter. @default Math.random */
  random?: () => number;
}

/**
 * A circuit breaker on its own, for anything that succeeds or fails.
 *
 * @example
 * const breaker = createBreaker({ trip: { consecutiveFailures: 3 }, openFor: '5s' });
 * const permit = breaker.tryAcquire();
 * if (permit === null) return 'unavailable';
 *
 * @throws ConfigError with every problem in the options
 */
export function createBreaker(options: BareBreakerOptions = {}, dependencies: BareBreakerDependencies = {}): Breaker {
  const { name, config } = parseBareBreaker(options);
  const { clock = systemClock, random = Math.random } = dependencies;
  return new Engine(name, config, {
    clock,
    random,
    onListenerError: warnOfListener,
  });
}

/** One for all breakers: a closure each would be a fifteenth of their memory. */
function warnOfListener(error: unknown, event: BreakerEvent): void {
  warn(`a listener of breaker ${event.breaker} failed on its ${event.type} event`, error);
}
