import type { BreakerEntry } from '../policy/registry.ts';
import { TICK_US } from './format.ts';
import type { Slot } from './replay-call.ts';
import { list, unlist } from './watch-list.ts';

/** A stretch without a tick: one was due at its beginning, and came at its end. */
export interface Stall {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * The calls under way, looked at with the tick that src/grpc/in-flight.ts has: it begins with the first call, comes each 10 ms while one waits for its
 * answer, and comes late where the recorded process stood still.
 */
export class ReplayWatch {
  readonly #stalls: { readonly next: Stall | undefined };
  readonly #told: (entry: BreakerEntry, slot: Slot, ageMs: number, nowMs: number) => boolean;
  readonly #entries: BreakerEntry[] = [];
  #underWay = 0;
  /** What ticks were late by so far, in milliseconds. */
  #lateMs = 0;
  /** When it ticks next; Infinity for never. */
  nextUs: number = Infinity;

  /**
   * @param stalls - the next time at which the process stood still
   * @param told - tells a breaker of a call that is slow; true when there is nothing more to be learned from it
   */
  constructor(
    stalls: { readonly next: Stall | undefined },
    told: (entry: BreakerEntry, slot: Slot, ageMs: number, nowMs: number) => boolean,
  ) {
    this.#stalls = stalls;
    this.#told = told;
  }

  /** A call was let through. */
  begin(nowUs: number): void {
    this.#underWay++;
    if (this.nextUs === Infinity) this.nextUs = nowUs + TICK_US;
  }

  /** It can be late from now on. */
  watch(slot: Slot, entry: BreakerEntry): void {
    slot.lateBeforeMs = this.#lateMs;
    list(slot, entry);
    if (entry.isWatched) return;
    entry.isWatched = true;
    this.#entries.push(entry);
  }

  /** It was answered, or has ended. */
  end(slot: Slot, entry: BreakerEntry): void {
    this.#underWay--;
    if (slot.isListed) unlist(slot, entry);
  }

  /** The process had stood still until now. */
  stalled(lateMs: number): void {
    this.#lateMs += lateMs;
  }

  /** Leaves the ticks out up to a time at which nothing would be seen. */
  skipTo(nowUs: number): void {
    const { next } = this.#stalls;
    if (this.#entries.length > 0 || this.#underWay === 0 || this.nextUs > nowUs || (next !== undefined && next.fromUs <= nowUs))
      return;
    this.nextUs += Math.ceil((nowUs + 1 - this.nextUs) / TICK_US) * TICK_US;
  }

  tick(): void {
    const nowUs = this.nextUs;
    if (this.#underWay === 0) {
      this.nextUs = Infinity;
      for (const entry of this.#entries) entry.isWatched = false;
      this.#entries.length = 0;
      return;
    }
    const stall = this.#stalls.next;
    if (stall !== undefined && nowUs >= stall.fromUs && nowUs <= stall.toUs) {
      // Behind the line that says how late it was.
      this.nextUs = stall.toUs + 1;
      return;
    }
    this.nextUs = nowUs + TICK_US;
    let kept = 0;
    for (const entry of this.#entries) {
      this.#lookAt(entry, nowUs / 1000);
      if (entry.oldestCall === undefined) entry.isWatched = false;
      else this.#entries[kept++] = entry;
    }
    this.#entries.length = kept;
  }

  #lookAt(entry: BreakerEntry, nowMs: number): void {
    let call = entry.oldestCall;
    while (call !== undefined) {
      const ageMs = nowMs - call.askedMs - (this.#lateMs - call.lateBeforeMs);
      // Asked for anew each time: a verdict may change it.
      if (!(ageMs > entry.breaker.inFlightLimitMs)) return;
      const { watchNext } = call;
      if (this.#told(entry, call as Slot, ageMs, nowMs)) unlist(call, entry);
      call = watchNext;
    }
  }
}
