import type { Clock } from './clock.ts';
import type { BreakerListener, ListenerErrorHandler } from './events.ts';

/** What a breaker is made with besides its configuration. */
export interface BreakerDependencies {
  /** Where it reads time from. */
  readonly clock: Clock;
  /** Random numbers from 0 to 1, for jitter. */
  readonly random: () => number;
  /** Hears every event of the breaker, before the subscribers. */
  readonly onEvent?: BreakerListener | undefined;
  /** Hears what listeners throw. */
  readonly onListenerError?: ListenerErrorHandler | undefined;
}

/** How an override is set. */
export interface OverrideOptions {
  /** Why, for the events. */
  readonly reason?: string;
  /** It ends by itself after this many milliseconds, over 0. Without it, it holds until it is taken back. */
  readonly forMs?: number;
}
