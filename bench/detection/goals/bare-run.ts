import type { Breaker } from '../../../src/core/breaker.ts';
import type { PermitSlot } from '../../../src/core/permit.ts';
import { type BareBreakerOptions, createBreaker } from '../../../src/create-breaker.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';
import { USUAL_SIGMA } from '../scenarios/build.ts';
import { MEDIAN_MS } from '../scenarios/scenario.ts';
import { createRandom, normal } from '../sim/random.ts';

/** Latencies are drawn from so many that were drawn once. */
const POOL = 1 << 16;

/** Draws a latency in milliseconds. */
export type LatencyDraw = (random: () => number) => number;

/** Latencies as in the scenarios: lognormal. */
export function usualLatency(random: () => number, sigma: number = USUAL_SIGMA): number {
  return MEDIAN_MS * Math.exp(sigma * normal(random));
}

/** A breaker driven directly, call after call, without a server: for the runs of many million calls. Each call ends as it begins. */
export class BareRun {
  readonly breaker: Breaker;
  readonly random: () => number;
  readonly #clock = new ManualClock();
  readonly #slot: PermitSlot = { permitGeneration: -1, permitTrial: -1, permitSlow: 0 };
  readonly #latencies = new Float64Array(POOL);
  /** Calls that were let through. */
  calls = 0;
  /** Times it went from closed to open. */
  trips = 0;

  /** @param draw - a latency, in milliseconds */
  constructor(options: BareBreakerOptions, seed: number, draw: LatencyDraw = usualLatency) {
    this.random = createRandom(seed);
    this.breaker = createBreaker(options, { clock: this.#clock, random: this.random });
    this.breaker.subscribe((event) => {
      if (event.type === 'transition' && event.from === 'closed' && event.to === 'open') this.trips++;
    });
    for (let i = 0; i < POOL; i++) this.#latencies[i] = draw(this.random);
  }

  /** The time now, in milliseconds. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    this.#clock.advance(ms);
  }

  /** A call, failed with this probability, and so many times slower than usual. */
  call(errorShare: number, slowdown: number = 1): void {
    const now = this.#clock.now();
    const slot = this.#slot;
    const failed = this.random() < errorShare;
    const durationMs = slowdown * (this.#latencies[Math.floor(this.random() * POOL)] as number);
    if (!this.breaker.acquire(slot, now, Infinity)) return;
    this.calls++;
    this.breaker.settle(slot, failed ? 'failure' : 'success', durationMs, now);
  }
}
