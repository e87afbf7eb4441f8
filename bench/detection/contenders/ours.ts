import type { Breaker } from '../../../src/core/breaker.ts';
import { DEFAULTS } from '../../../src/core/defaults.ts';
import type { PermitSlot } from '../../../src/core/permit.ts';
import { type BareBreakerOptions, createBreaker } from '../../../src/create-breaker.ts';
import type { Contender, ContenderKind, SimCall, World } from './contender.ts';

/** The interceptor looks at the calls under way so often, in milliseconds. */
const TICK_MS = 10;

/** A call under way: what the interceptor keeps of it. */
class Slot implements PermitSlot {
  permitGeneration = -1;
  permitTrial = -1;
  permitSlow = 0;
  readonly fromMs: number;
  /** It has ended, or nothing more is to be learned from it. */
  isDone = false;

  constructor(fromMs: number) {
    this.fromMs = fromMs;
  }
}

/** This package's own breaker, driven as the interceptor drives it: one tick for all calls under way, while there are any. */
class Ours implements Contender {
  readonly #breaker: Breaker;
  readonly #world: World;
  readonly #slots = new Map<number, Slot>();
  #watched: Slot[] = [];
  #isTicking = false;

  constructor(breaker: Breaker, world: World) {
    this.#breaker = breaker;
    this.#world = world;
    breaker.subscribe((event) => {
      if (event.type === 'transition' && event.from === 'closed' && event.to === 'open') world.onTrip();
    });
  }

  attempt(call: SimCall): void {
    const { clock, deadlineMs } = this.#world;
    const slot = new Slot(clock.nowMs);
    if (!this.#breaker.acquire(slot, clock.nowMs, deadlineMs)) return call.refuse();
    this.#slots.set(call.index, slot);
    this.#watched.push(slot);
    if (!this.#isTicking) this.#planTick();
    call.begin();
  }

  ended(call: SimCall, failed: boolean, durationMs: number): void {
    const slot = this.#slots.get(call.index);
    if (slot === undefined) return;
    this.#slots.delete(call.index);
    slot.isDone = true;
    this.#breaker.settle(slot, failed ? 'failure' : 'success', durationMs, this.#world.clock.nowMs);
  }

  #planTick(): void {
    this.#isTicking = true;
    this.#world.heap.plan(this.#world.clock.nowMs + TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const { nowMs } = this.#world.clock;
    const breaker = this.#breaker;
    const watched = this.#watched;
    let kept = 0;
    for (const slot of watched) {
      if (slot.isDone) continue;
      const ageMs = nowMs - slot.fromMs;
      if (ageMs > breaker.inFlightLimitMs && breaker.watch(slot, ageMs, nowMs)) continue;
      watched[kept++] = slot;
    }
    watched.length = kept;
    this.#isTicking = false;
    if (kept > 0) this.#planTick();
  }
}

/** This package with options over a policy's defaults. */
export function ours(name: string, options: BareBreakerOptions = {}): ContenderKind {
  return {
    name,
    isAsync: false,
    isOurs: true,
    make: (world) => {
      const { clock, random } = world;
      const asPolicy = { jitter: DEFAULTS.policyJitter, rampUp: `${DEFAULTS.policyRampUpMs}ms` as const };
      const breaker = createBreaker({ ...asPolicy, ...options }, { clock: { now: () => clock.nowMs }, random });
      return new Ours(breaker, world);
    },
  };
}
