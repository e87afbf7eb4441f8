/** How often this process looks at itself, in milliseconds, while calls are under way. */
export const TICK_MS = 10;

/** A tick this much late says that the process was busy, in milliseconds: calls under way are younger than they look. */
const LATE_MS = 20;

/**
 * A tick this much late, or a deadline that fires so late, says that this process was blocked: genuine ones are at most 35 ms late (measured on
 * a loaded machine), blocked ones 107 ms and more.
 */
export const STALL_MS = 60;

/** A call as the detector knows it. Times are of the registry's clock, in milliseconds. */
export interface HeldCall {
  /** When the dependency had all it needed to answer. */
  readonly askedMs: number;
  /** {@link Stalls.count} then. */
  readonly stallsBefore: number;
  /** {@link Stalls.lateMs} then. */
  readonly lateBeforeMs: number;
}

/**
 * Knows when this process was blocked: by ticks that come late, and by one that is overdue. Both clocks must say so, the registry's
 * and the wall clock: the one may be a test's, the other may be set. While no call is under way nothing ticks, and nothing is known.
 */
export class Stalls {
  readonly #wallClockNow: () => number;
  /** Stalls so far. */
  count = 0;
  /** Whole milliseconds by which ticks were late so far, small delays left out. */
  lateMs = 0;
  #lastTickMs: number = Number.POSITIVE_INFINITY;
  #lastTickWallMs = 0;
  /** The last stall. It lasts until the tick after: what the network brought meanwhile has to be read first. */
  #startMs: number = Number.NaN;
  #endMs: number = Number.NaN;
  /** The wall clock agreed that the tick is overdue. */
  #isConfirmed = false;

  /** @param wallClockNow - milliseconds since 1970 */
  constructor(wallClockNow: () => number) {
    this.#wallClockNow = wallClockNow;
  }

  /** Ticks begin: the next one is due in {@link TICK_MS}. */
  begin(nowMs: number): void {
    // A stall whose end no tick has seen, because nothing was under way any more, is over.
    if (this.#endMs === Number.POSITIVE_INFINITY) this.#endMs = nowMs;
    this.#lastTickMs = nowMs;
    this.#lastTickWallMs = this.#wallClockNow();
    this.#isConfirmed = false;
  }

  /** Nothing ticks any more. */
  stop(): void {
    this.#lastTickMs = Number.POSITIVE_INFINITY;
  }

  /** A tick. */
  tick(nowMs: number): void {
    const wallNowMs = this.#wallClockNow();
    const lateMs = Math.min(nowMs - this.#lastTickMs, wallNowMs - this.#lastTickWallMs) - TICK_MS;
    if (this.#endMs === Number.POSITIVE_INFINITY) this.#endMs = nowMs;
    if (lateMs > LATE_MS) this.lateMs += Math.round(lateMs);
    if (lateMs > STALL_MS) {
      this.count++;
      this.#startMs = this.#lastTickMs;
      this.#endMs = Number.POSITIVE_INFINITY;
    }
    this.#lastTickMs = nowMs;
    this.#lastTickWallMs = wallNowMs;
    this.#isConfirmed = false;
  }

  /** Whether a call under way met a stall, so that its latency says nothing. */
  heldUp(call: HeldCall, nowMs: number): boolean {
    if (call.stallsBefore !== this.count) return true;
    if (!(nowMs - this.#lastTickMs > TICK_MS + STALL_MS)) return false;
    return nowMs - call.askedMs > STALL_MS && this.#isOverdue();
  }

  /** For how many milliseconds this process was held up while a call waited. */
  lateFor(call: HeldCall, nowMs: number): number {
    const knownMs = this.lateMs - call.lateBeforeMs;
    const pendingMs = nowMs - Math.max(this.#lastTickMs, call.askedMs) - TICK_MS;
    return pendingMs > STALL_MS && this.#isOverdue() ? knownMs + pendingMs : knownMs;
  }

  /** Whether this process was blocked at an instant that is past. */
  covers(instantMs: number, nowMs: number): boolean {
    if (instantMs >= this.#startMs && instantMs <= this.#endMs) return true;
    return nowMs - this.#lastTickMs > TICK_MS + STALL_MS && instantMs >= this.#lastTickMs && this.#isOverdue();
  }

  #isOverdue(): boolean {
    this.#isConfirmed ||= this.#wallClockNow() - this.#lastTickWallMs > TICK_MS + STALL_MS;
    return this.#isConfirmed;
  }
}
