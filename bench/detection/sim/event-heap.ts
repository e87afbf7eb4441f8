/** Something that happens at a time. */
export interface SimEvent {
  readonly atMs: number;
  /** Of two at the same time, the one that was planned first happens first. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Events by their time: a binary heap. */
export class EventHeap {
  readonly #events: SimEvent[] = [];
  #planned = 0;

  /** When the next one happens, in milliseconds; Infinity without any. */
  get nextMs(): number {
    return this.#events[0]?.atMs ?? Infinity;
  }

  /** Plans one; setting its `run` to undefined calls it off. */
  plan(atMs: number, run: () => void): SimEvent {
    const event: SimEvent = { atMs, order: this.#planned++, run };
    const events = this.#events;
    let i = events.length;
    events.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = events[parent] as SimEvent;
      if (!isBefore(event, above)) break;
      events[i] = above;
      i = parent;
    }
    events[i] = event;
    return event;
  }

  /** Takes the next one out. */
  take(): SimEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (last === undefined || events.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1] as SimEvent, events[child] as SimEvent)) child++;
      const below = events[child] as SimEvent;
      if (!isBefore(below, last)) break;
      events[i] = below;
      i = child;
    }
    events[i] = last;
    return first;
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
