import type { EventHeap } from '../sim/event-heap.ts';
import type { SimClock } from '../sim/virtual-time.ts';

/** A call of a simulation, as a breaker sees it. */
export interface SimCall {
  /** Its place in the order of arrival. */
  readonly index: number;
  /** The breaker lets it through: the server is asked now. */
  begin(): void;
  /** The breaker refuses it. */
  refuse(): void;
}

/** A breaker in a simulation. Each call gets exactly one of `begin` and `refuse`, at once or later. */
export interface Contender {
  /** A call comes. */
  attempt(call: SimCall): void;
  /** A call that was let through has ended. */
  ended(call: SimCall, failed: boolean, durationMs: number): void;
  /** The simulation is over. */
  dispose?(): void;
}

/** What a contender lives in. */
export interface World {
  readonly clock: SimClock;
  readonly heap: EventHeap;
  /** Random numbers from 0 to 1, of its own. */
  readonly random: () => number;
  /** Callers wait so long for an answer, in milliseconds. */
  readonly deadlineMs: number;
  /** It goes from closed to open. */
  readonly onTrip: () => void;
}

/** How to make one. */
export interface ContenderKind {
  readonly name: string;
  /** It works with promises, or with timers: it needs virtual time, and promises settled between two events. */
  readonly isAsync: boolean;
  /** It is this package. */
  readonly isOurs: boolean;
  /** One is made for each client. */
  readonly make: (world: World) => Contender;
}
