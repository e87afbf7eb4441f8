import type { EventHeap, SimEvent } from './event-heap.ts';

/** The time of a simulation, in milliseconds. */
export interface SimClock {
  nowMs: number;
}

/** Ends virtual time for the rest of the process. */
export type RestoreTime = () => void;

/** The wall clock at the beginning of each simulation. */
const EPOCH_MS = 1_800_000_000_000;

const realImmediate = setImmediate;

/** Waits until all promises that can be settled now are settled. */
export function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}

/** Where a timer's event stands, with what the libraries call on timers. */
class VirtualTimer {
  event: SimEvent | undefined;

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

/**
 * Fake timers on a simulation's own events: from now on `setTimeout`, `setInterval`, `Date.now` and `performance.now` tell the time of the
 * simulation, for the libraries that read them. Only one simulation at a time may do so.
 */
export function installVirtualTime(clock: SimClock, heap: EventHeap): RestoreTime {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const dateNow = Date.now;
  const plan = (delayMs: number, run: () => void, timer: VirtualTimer, repeats: boolean): VirtualTimer => {
    timer.event = heap.plan(clock.nowMs + Math.max(1, delayMs), () => {
      if (repeats) plan(delayMs, run, timer, true);
      run();
    });
    return timer;
  };
  const cancel = (timer: unknown): void => {
    if (timer instanceof VirtualTimer && timer.event !== undefined) timer.event.run = undefined;
  };
  const starter =
    (repeats: boolean) =>
    (callback: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): VirtualTimer =>
      plan(delayMs, () => callback(...args), new VirtualTimer(), repeats);
  Object.assign(globalThis, {
    setTimeout: starter(false),
    setInterval: starter(true),
    clearTimeout: cancel,
    clearInterval: cancel,
  });
  Date.now = () => EPOCH_MS + clock.nowMs;
  performance.now = () => clock.nowMs;
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Date.now = dateNow;
    // Its own `now` is its prototype's.
    Reflect.deleteProperty(performance, 'now');
  };
}
