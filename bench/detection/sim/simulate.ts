import type { Contender, ContenderKind, SimCall } from '../contenders/contender.ts';
import { DEADLINE_MS, HARMFUL_FACTOR, MEDIAN_MS, type Scenario } from '../scenarios/scenario.ts';
import { EventHeap } from './event-heap.ts';
import { createRandom, seedOf } from './random.ts';
import { Server } from './server.ts';
import { drainMicrotasks, installVirtualTime, type SimClock } from './virtual-time.ts';
import type { Workload } from './workload.ts';

/** What became of a call. */
export const FATE = { none: 0, good: 1, slow: 2, failed: 3, refusedGood: 4, refusedBad: 5 } as const;

/** What happened in a run. */
export interface RunLog {
  /** Of each call, one of FATE. */
  readonly fates: Uint8Array;
  /** When each call reached the server, in milliseconds; NaN where it was refused. */
  readonly begun: Float64Array;
  /** When a breaker went from closed to open, in milliseconds. */
  readonly trips: readonly number[];
}

/** Runs a contender through a workload. Everything is decided by the seeds: the same arguments give the same log. */
export async function simulate(scenario: Scenario, workload: Workload, kind: ContenderKind): Promise<RunLog> {
  const clock: SimClock = { nowMs: 0 };
  const heap = new EventHeap();
  const restoreTime = kind.isAsync ? installVirtualTime(clock, heap) : undefined;
  try {
    const run = new Run(scenario, workload, kind, clock, heap);
    await run.toEnd();
    return run.log;
  } finally {
    restoreTime?.();
  }
}

class Run {
  readonly log: RunLog;
  readonly #scenario: Scenario;
  readonly #workload: Workload;
  readonly #isAsync: boolean;
  readonly #clock: SimClock;
  readonly #heap: EventHeap;
  readonly #server: Server;
  readonly #trips: number[] = [];
  readonly #contenders: readonly Contender[];

  constructor(scenario: Scenario, workload: Workload, kind: ContenderKind, clock: SimClock, heap: EventHeap) {
    this.#scenario = scenario;
    this.#workload = workload;
    this.#isAsync = kind.isAsync;
    this.#clock = clock;
    this.#heap = heap;
    this.#server = new Server(scenario, workload);
    const { calls, seed } = workload;
    this.log = { fates: new Uint8Array(calls), begun: new Float64Array(calls).fill(Number.NaN), trips: this.#trips };
    const onTrip = (): void => void this.#trips.push(clock.nowMs);
    this.#contenders = Array.from({ length: scenario.clients }, (_, client) => {
      const random = createRandom(seedOf(`${scenario.name}/${client}`, seed));
      return kind.make({ clock, heap, random, deadlineMs: DEADLINE_MS, onTrip });
    });
  }

  async toEnd(): Promise<void> {
    const { arrivals, calls } = this.#workload;
    const heap = this.#heap;
    let next = 0;
    const endMs = this.#scenario.lengthMs + 2 * DEADLINE_MS;
    for (;;) {
      const arrivalMs = next < calls ? (arrivals[next] as number) : Infinity;
      const eventMs = heap.nextMs;
      if (Math.min(arrivalMs, eventMs) > endMs) break;
      if (arrivalMs <= eventMs) {
        this.#clock.nowMs = arrivalMs;
        this.#arrive(next++);
      } else {
        const event = heap.take();
        if (event?.run === undefined) continue;
        this.#clock.nowMs = event.atMs;
        event.run();
      }
      if (this.#isAsync) await drainMicrotasks();
    }
    for (const contender of this.#contenders) contender.dispose?.();
  }

  #arrive(index: number): void {
    const contender = this.#contenders[this.#workload.clients[index] as number] as Contender;
    const call: SimCall = {
      index,
      begin: () => this.#begin(call, contender),
      refuse: () => this.#refuse(index),
    };
    contender.attempt(call);
  }

  #begin(call: SimCall, contender: Contender): void {
    const fromMs = this.#clock.nowMs;
    const server = this.#server;
    const { fates, begun } = this.log;
    const { index } = call;
    server.answer(index, fromMs);
    const { latencyMs, failed } = server;
    begun[index] = fromMs;
    // Its caller has waited since it came; a deadline runs from when the call is made, which is gentle to breakers that make calls wait.
    const waitedMs = fromMs - (this.#workload.arrivals[index] as number) + latencyMs;
    fates[index] = failed ? FATE.failed : waitedMs > HARMFUL_FACTOR * MEDIAN_MS ? FATE.slow : FATE.good;
    this.#heap.plan(fromMs + latencyMs, () => contender.ended(call, failed, latencyMs));
  }

  #refuse(index: number): void {
    const isBad = this.#server.wouldHarm(index, this.#workload.arrivals[index] as number);
    this.log.fates[index] = isBad ? FATE.refusedBad : FATE.refusedGood;
  }
}
