import { silence } from './silence.ts';
import type { Mode, Override, State } from './state.ts';
import type { Verdict } from './verdict.ts';

/** A breaker changed its state. */
export interface TransitionEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'transition';
  /** The breaker's name. */
  readonly breaker: string;
  /** The state that was left. */
  readonly from: State;
  /** The state that it is in now. */
  readonly to: State;
  /** Why, with the numbers. */
  readonly verdict: Verdict;
  /** When, on the breaker's clock, in milliseconds. */
  readonly atMs: number;
  /** Milliseconds spent in the state that was left. */
  readonly lastedMs: number;
  /** Milliseconds until the first trial, for `to: 'open'` (Infinity when forced); 0 otherwise. */
  readonly openForMs: number;
  /** In `observe` nothing is refused: the change shows what enforcement would have done. */
  readonly mode: Mode;
  /** The OpenTelemetry trace that tells of this outage; undefined without telemetry. */
  readonly traceId?: string | undefined;
}

/** A breaker's mode changed: a person chose another one for it, or the choice ended, or its policy has another one now. */
export interface ModeEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'mode';
  /** The breaker's name. */
  readonly breaker: string;
  /** The mode that holds from now on. */
  readonly mode: Mode;
  /** What the person said; `expired` when the choice ended by itself; `policy` when the policy changed. */
  readonly reason: string;
  /** When, on the breaker's clock, in milliseconds. */
  readonly atMs: number;
}

/** A person set or took back an override, or it expired. */
export interface OverrideEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'override';
  /** The breaker's name. */
  readonly breaker: string;
  /** The override that holds from now on; null when there is none. */
  readonly override: Override | null;
  /** What the person said; `expired` when it ended by itself. */
  readonly reason: string;
  /** When, on the breaker's clock, in milliseconds. */
  readonly atMs: number;
}

/** What `subscribe` hears. Tell the events apart by `type`. */
export type BreakerEvent = TransitionEvent | OverrideEvent | ModeEvent;

/** Hears a breaker's events, after the change is done. What it throws, and what its promise rejects with, changes nothing for callers. */
export type BreakerListener = (event: BreakerEvent) => unknown;

/** Receives what a listener threw or its promise rejected with. */
export type ListenerErrorHandler<Event = BreakerEvent> = (error: unknown, event: Event) => void;

type Listener<Event> = (event: Event) => unknown;

const NO_LISTENERS: readonly never[] = [];

/**
 * Hands events to listeners, one event after the other also when a listener causes the next one,
 * and keeps their errors away from the caller.
 */
export class EventQueue<Event = BreakerEvent> {
  readonly #onError: ListenerErrorHandler<Event> | undefined;
  #listeners: readonly Listener<Event>[];
  /** What waits behind the event that is being delivered; undefined when none is. */
  #pending: Event[] | undefined;

  /**
   * @param onError - hears what listeners throw
   * @param first - a listener that stays
   */
  constructor(onError: ListenerErrorHandler<Event> | undefined, first?: Listener<Event>) {
    this.#onError = onError;
    this.#listeners = first === undefined ? NO_LISTENERS : [first];
  }

  /** Somebody listens. */
  get isHeard(): boolean {
    return this.#listeners.length > 0;
  }

  /** Adds a listener; the returned function takes it away again. */
  add(listener: Listener<Event>): () => void {
    const own: Listener<Event> = (event) => listener(event);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  }

  /** Delivers an event, or queues it behind the one that is being delivered. */
  emit(event: Event): void {
    this.emitAfter(event, () => {});
  }

  /** Does some work and then delivers the event, and behind it what the work emitted: listeners never see a change half made. */
  emitAfter(event: Event, work: () => void): void {
    const isDelivering = this.#pending !== undefined;
    const pending = this.#pending ?? [];
    pending.push(event);
    this.#pending = pending;
    work();
    if (isDelivering) return;
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      for (const listener of this.#listeners) this.#call(listener, next);
    }
    this.#pending = undefined;
  }

  #call(listener: Listener<Event>, event: Event): void {
    try {
      const result = listener(event);
      silence(result, (error) => this.#report(error, event));
    } catch (error) {
      this.#report(error, event);
    }
  }

  #report(error: unknown, event: Event): void {
    try {
      this.#onError?.(error, event);
    } catch {
      // The error handler is the caller's too: its own failure has nowhere left to go.
    }
  }
}
