import { type AdministeredEvent, breakerOf } from './event-message.ts';

/** An event that is not told yet. */
export interface HeardEvent {
  readonly event: AdministeredEvent;
  readonly sequence: number;
  readonly wallMs: number;
}

/** More events of one breaker in an interval are left out. */
const MOST_OF_ONE = 32;

/** More events in an interval are left out. */
const MOST = 5_000;

/** Gathers what happens in an interval, bounded. */
export class EventBasket {
  readonly #events: HeardEvent[] = [];
  readonly #ofBreaker = new Map<string, number>();
  #missed = 0;

  /** Whether nothing was put into it. */
  get isEmpty(): boolean {
    return this.#ofBreaker.size === 0 && this.#events.length === 0;
  }

  /** Puts an event into it, or counts it as missed; how its breaker stands is told all the same. */
  add(event: AdministeredEvent, sequence: number, wallMs: number): void {
    const name = breakerOf(event);
    const before = this.#ofBreaker.get(name) ?? 0;
    if (name !== '') this.#ofBreaker.set(name, before + 1);
    if (before < MOST_OF_ONE && this.#events.length < MOST) this.#events.push({ event, sequence, wallMs });
    else this.#missed++;
  }

  /** How a breaker stands is to be told. */
  touch(name: string): void {
    if (!this.#ofBreaker.has(name)) this.#ofBreaker.set(name, 0);
  }

  /** What it holds, in order; breakers whose standing is to be told; and how many events were left out. */
  content(): { readonly events: readonly HeardEvent[]; readonly names: readonly string[]; readonly missed: number } {
    return { events: this.#events, names: [...this.#ofBreaker.keys()], missed: this.#missed };
  }
}
