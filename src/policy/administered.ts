import type { Breaker } from '../core/breaker.ts';
import type { BreakerEvent } from '../core/events.ts';
import type { BreakerInfo } from './breaker-info.ts';
import type { Policy } from './policy.ts';
import type { PolicyEvent } from './policy-event.ts';
import type { ShadowEvent } from './shadow-event.ts';
import type { SignalEvent, SignalStatus } from './signal.ts';

/** What can be administered: the breakers of a policy, as the rooms above know them. `Breakers` of the main entry is one. */
export interface Administered {
  /** The policy that holds now, in document form. */
  readonly policy: Policy;
  /** Goes over to another policy. @throws ConfigError where it is refused; nothing changes then */
  reload(policy: Policy): PolicyEvent;
  /** Every breaker there is now. */
  list(): Breaker[];
  /** A breaker by its name. */
  get(name: string): Breaker | undefined;
  /** Breakers and their surroundings: those of these names, else every one. */
  describe(names?: readonly string[]): BreakerInfo[];
  /** Hears every event from now on; returns a function that ends it. */
  subscribe(listener: (event: BreakerEvent | SignalEvent | PolicyEvent | ShadowEvent) => unknown): () => void;
  /** How the outside signals stand. */
  signals(): SignalStatus[];
}
