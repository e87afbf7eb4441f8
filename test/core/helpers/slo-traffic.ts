import type { TripCondition } from '../../../src/core/trip/condition.ts';

/** The limit that the traffic's latencies are made for, in milliseconds. */
export const LIMIT_MS = 25;

/** Numbers of 0..1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Calls one after the other, `gapMs` apart, of which a share is slower than the limit. Each ends before the next. */
export class Traffic {
  readonly #random: () => number;
  readonly #gapMs: number;
  nowMs = 0;

  constructor(seed: number, gapMs: number) {
    this.#random = randomFrom(seed);
    this.#gapMs = gapMs;
  }

  /** Makes up to so many calls; at which one, from 1 on, the condition was met, or 0. */
  send(condition: TripCondition, calls: number, slowShare: number): number {
    const random = this.#random;
    for (let i = 1; i <= calls; i++) {
      const draw = random();
      // In all thousands of latencies, 5..25 and 25..225 ms.
      const durationMs = draw < slowShare ? LIMIT_MS * 1.01 + (draw / slowShare) * 200 : 5 + draw * 20;
      this.nowMs += this.#gapMs;
      if (condition.record(false, durationMs, this.nowMs, false)) return i;
    }
    return 0;
  }

  /**
   * Makes calls at the same moment, `size` at a time, one lot every `gapMs` milliseconds: in each lot the slow ones end last.
   * @param isWatched - calls under way are told of when they pass the limit
   */
  sendLots(condition: TripCondition, lots: number, size: number, slowShare: number, isWatched: boolean): number {
    for (let lot = 1; lot <= lots; lot++) {
      let slow = 0;
      for (let i = 0; i < size; i++) if (this.#random() < slowShare) slow++;
      const beganMs = this.nowMs;
      let isMet = false;
      for (let i = slow; i < size; i++) isMet = condition.record(false, 10, beganMs + 10, false) || isMet;
      for (let i = 0; i < slow; i++) {
        if (isWatched) isMet = condition.recordSlow(beganMs + LIMIT_MS + 10) || isMet;
        isMet = condition.record(false, LIMIT_MS * 2, beganMs + LIMIT_MS * 2, isWatched) || isMet;
      }
      this.nowMs += this.#gapMs;
      if (isMet) return lot;
    }
    return 0;
  }
}
