import type { Scenario } from '../scenarios/scenario.ts';
import { createRandom, normal, seedOf } from './random.ts';

/** The calls of a run, the same for every contender: what is random of a call is drawn by its place, whatever becomes of the others. */
export interface Workload {
  readonly seed: number;
  readonly calls: number;
  /** When each call comes, in milliseconds, in order. */
  readonly arrivals: Float64Array;
  /** From which client. */
  readonly clients: Uint8Array;
  /** Even, 0..1: the call fails when this is under the share of errors. */
  readonly luck: Float64Array;
  /** Standard normal: how slow it is. */
  readonly slowness: Float64Array;
}

/** Draws the calls of a scenario: a Poisson process, thinned to its rate where that changes (Lewis & Shedler 1979). */
export function createWorkload(scenario: Scenario, seed: number): Workload {
  const random = createRandom(seedOf(scenario.name, seed));
  const arrivals: number[] = [];
  for (let at = 0; ; ) {
    at -= (Math.log(1 - random()) / scenario.topRate) * 1_000;
    if (at >= scenario.lengthMs) break;
    if (random() * scenario.topRate < scenario.rate(at)) arrivals.push(at);
  }
  const calls = arrivals.length;
  const clients = new Uint8Array(calls);
  const luck = new Float64Array(calls);
  const slowness = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    clients[i] = Math.floor(random() * scenario.clients);
    luck[i] = random();
    slowness[i] = normal(random);
  }
  return { seed, calls, arrivals: Float64Array.from(arrivals), clients, luck, slowness };
}
