import type { Clock } from '../core/clock.ts';
import { UNJUDGED } from '../core/permit.ts';
import type { CallRecorder } from '../policy/call-recorder.ts';
import type { CallObserver, WarningHandler } from '../policy/ports.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { WatchedCall } from '../policy/watched-call.ts';
import { type HeldCall, Stalls, TICK_MS } from './stalls.ts';

/** What it needs of a call. */
export interface InFlightCall extends WatchedCall, HeldCall {
  readonly binding: { readonly watchesLatency: boolean };
  /** What the observer gave for it. */
  readonly observed: unknown;
  readonly askedMs: number;
  isUnderWay: boolean;
  isAsked: boolean;
  stallsBefore: number;
  lateBeforeMs: number;
}

/** A call that has to end, or whose messages have to come, in time. */
export interface LimitedCall {
  /** Looks whether it, or a message, is overdue at this time on the clock, and ends the call if so. Observing, it tells so alone. */
  checkOverdue(nowMs: number): void;
}

/** What it needs of its surroundings. */
export interface InFlightContext {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
  readonly onWarning: WarningHandler;
  readonly observer: CallObserver;
  /** Writes calls down. */
  readonly recorder?: CallRecorder | undefined;
}

/**
 * The calls under way of one registry. One coarse tick looks at them, from the oldest on, and tells their breakers of those that are slow already;
 * it runs while a call waits for its answer, keeps no process alive, and tells by its own lateness when this process was blocked.
 * Nothing is allocated for a call, and there is no timer for one.
 */
export class InFlight {
  readonly #context: InFlightContext;
  readonly stalls: Stalls;
  /** Those with calls in their lists, and some whose lists have become empty since the last tick. */
  readonly #entries: BreakerEntry[] = [];
  readonly #limited = new Set<LimitedCall>();
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  #hasFailed = false;

  constructor(context: InFlightContext) {
    this.#context = context;
    this.stalls = new Stalls(context.wallClockNow);
  }

  /** A call has been sent. */
  begin(call: InFlightCall, nowMs: number): void {
    const { stalls } = this;
    call.isUnderWay = true;
    this.#underWay++;
    if (!this.#isTicking) this.#start(nowMs);
    call.stallsBefore = stalls.count;
    call.lateBeforeMs = stalls.lateMs;
  }

  /** Its dependency has all that it needs to answer now: from here on it can be late. Where it was asked before, it is the newest again. */
  ask(call: InFlightCall, entry: BreakerEntry): void {
    const { stalls } = this;
    call.isAsked = true;
    call.stallsBefore = stalls.count;
    call.lateBeforeMs = stalls.lateMs;
    // Where enforcement would have refused it, or ended it by now, there is nothing to be learned from it.
    if (!call.binding.watchesLatency || call.permitGeneration <= UNJUDGED) return;
    if (call.isListed) unlist(call, entry);
    list(call, entry);
    if (entry.isWatched) return;
    entry.isWatched = true;
    this.#entries.push(entry);
  }

  /** It has been answered, or has ended. */
  end(call: InFlightCall, entry: BreakerEntry): void {
    if (!call.isUnderWay) return;
    call.isUnderWay = false;
    this.#underWay--;
    if (call.isListed) unlist(call, entry);
  }

  /** A call is to be looked at with each tick, as long as it is under way. */
  limit(call: LimitedCall, nowMs: number): void {
    this.#limited.add(call);
    if (!this.#isTicking) this.#start(nowMs);
  }

  /** It has ended. */
  unlimit(call: LimitedCall): void {
    this.#limited.delete(call);
  }

  #start(nowMs: number): void {
    this.#isTicking = true;
    try {
      this.stalls.begin(nowMs);
      if (this.#timer === undefined) this.#timer = setTimeout(this.#tick, TICK_MS).unref();
      else this.#timer.refresh();
    } catch (error) {
      this.#warn(error);
    }
  }

  readonly #tick = (): void => {
    if (this.#underWay === 0 && this.#limited.size === 0) {
      this.#stop();
      return;
    }
    this.#timer?.refresh();
    try {
      const nowMs = this.#context.clock.now();
      const lateBeforeMs = this.stalls.lateMs;
      this.stalls.tick(nowMs);
      const lateMs = this.stalls.lateMs - lateBeforeMs;
      this.#context.recorder?.stalled(lateMs, nowMs);
      // After the network has had its turn: an answer that is here already is not late.
      if (this.#entries.length > 0 || this.#limited.size > 0) setImmediate(this.#look, nowMs).unref();
    } catch (error) {
      this.#warn(error);
    }
  };

  #stop(): void {
    this.#isTicking = false;
    this.stalls.stop();
    for (const entry of this.#entries) entry.isWatched = false;
    this.#entries.length = 0;
  }

  /** Ages are those at the tick: what this process has done since is not the dependency's. */
  readonly #look = (tickMs: number): void => {
    // First: a call that ends now is no slower than that.
    for (const call of this.#limited) {
      try {
        call.checkOverdue(tickMs);
      } catch (error) {
        this.#limited.delete(call);
        this.#warn(error);
      }
    }
    const entries = this.#entries;
    let kept = 0;
    for (const entry of entries) {
      try {
        this.#lookAt(entry, tickMs);
      } catch (error) {
        // One call fewer to fail on.
        if (entry.oldestCall !== undefined) unlist(entry.oldestCall, entry);
        this.#warn(error);
      }
      if (entry.oldestCall === undefined) entry.isWatched = false;
      else entries[kept++] = entry;
    }
    entries.length = kept;
  };

  #lookAt(entry: BreakerEntry, tickMs: number): void {
    const { breaker } = entry;
    let call = entry.oldestCall;
    while (call !== undefined) {
      const ageMs = tickMs - call.askedMs - (this.stalls.lateMs - call.lateBeforeMs);
      // Asked for anew each time: a verdict may change it.
      if (!(ageMs > breaker.inFlightLimitMs)) return;
      const { watchNext } = call;
      const nowMs = this.#context.clock.now();
      this.#context.observer.callSlow((call as InFlightCall).observed, entry, call.permitSlow !== 0);
      if (breaker.watch(call, ageMs, nowMs)) unlist(call, entry);
      call = watchNext;
    }
  }

  #warn(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#context.onWarning('watching calls under way failed; they go on (said once)', error);
  }
}

function list(call: WatchedCall, entry: BreakerEntry): void {
  call.isListed = true;
  call.watchPrevious = entry.newestCall;
  if (entry.newestCall === undefined) entry.oldestCall = call;
  else entry.newestCall.watchNext = call;
  entry.newestCall = call;
}

function unlist(call: WatchedCall, entry: BreakerEntry): void {
  const { watchPrevious, watchNext } = call;
  if (watchPrevious === undefined) entry.oldestCall = watchNext;
  else watchPrevious.watchNext = watchNext;
  if (watchNext === undefined) entry.newestCall = watchPrevious;
  else watchNext.watchPrevious = watchPrevious;
  call.watchPrevious = undefined;
  call.watchNext = undefined;
  call.isListed = false;
}
