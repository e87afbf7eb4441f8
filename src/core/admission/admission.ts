import type { BreakerConfig } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import type { RejectionReason } from '../state.ts';
import type { RampFailedVerdict } from '../verdict.ts';
import { Ramp } from './ramp.ts';
import { Shedder } from './shedder.ts';

/** Failures that open a breaker during a ramp whose conditions name no share. */
const RAMP_THRESHOLD = 0.5;

/** What a closed breaker may still refuse: calls beyond a number at a time, a share while traffic comes back, a share of an overload. */
export class Admission {
  #maxConcurrent = Infinity;
  #rampThreshold = RAMP_THRESHOLD;
  #shed: BreakerConfig['shed'];
  #shedder: Shedder | undefined;
  readonly #random: () => number;
  #ramp: Ramp | undefined;
  #isRamping = false;
  /** Why a call was refused last. */
  refusal: RejectionReason = 'ramp';

  constructor(config: BreakerConfig, random: () => number) {
    this.#random = random;
    this.reconfigure(config);
  }

  /** Goes on with another configuration; a ramp goes on, and what is shed by the same rule too. */
  reconfigure({ trip, shed, maxConcurrent }: BreakerConfig): void {
    this.#maxConcurrent = maxConcurrent;
    if (shed?.k !== this.#shed?.k || shed?.window.durationMs !== this.#shed?.window.durationMs) {
      this.#shed = shed;
      this.#shedder = shed === undefined ? undefined : new Shedder(shed, this.#random);
    }
    // `adaptive` judges a ramp by itself, in more detail.
    this.#rampThreshold = trip.adaptive === undefined ? (trip.failureRate?.threshold ?? RAMP_THRESHOLD) : Infinity;
  }

  /** Nothing is refused: it need not be asked. */
  get isFree(): boolean {
    return !this.#isRamping && this.#shedder === undefined && this.#maxConcurrent === Infinity;
  }

  /** Traffic is coming back. */
  get isRamping(): boolean {
    return this.#isRamping;
  }

  /** The share of calls that pass, 0..1, as far as ramp and shedding go. */
  share(nowMs: number): number {
    const ramped = this.#isRamping ? (this.#ramp?.share(nowMs) ?? 1) : 1;
    return ramped * (1 - (this.#shedder?.share(nowMs) ?? 0));
  }

  /** Whether a call is refused; `refusal` says why. */
  refuses(inFlight: number, nowMs: number): boolean {
    if (inFlight >= this.#maxConcurrent) this.refusal = 'concurrency';
    else if (this.#isRamping && this.#ramp?.admits(nowMs) === false) this.refusal = 'ramp';
    else if (this.#shedder?.admits(nowMs) === false) this.refusal = 'shed';
    else return false;
    return true;
  }

  /** Traffic comes back from now on, over so many milliseconds. */
  beginRamp(nowMs: number, lengthMs: number): void {
    this.#ramp ??= new Ramp();
    this.#ramp.begin(nowMs, lengthMs);
    this.#isRamping = true;
  }

  /** Ends the ramp when its time is over; true when it has just ended. */
  endRamp(nowMs: number): boolean {
    if (!this.#isRamping || this.#ramp?.isOver(nowMs) === false) return false;
    this.#isRamping = false;
    return true;
  }

  /** There is no ramp any more. */
  cancelRamp(): void {
    this.#isRamping = false;
  }

  /** Takes a result in; a verdict when failures while traffic comes back speak for opening again. */
  record(outcome: Outcome, nowMs: number): RampFailedVerdict | undefined {
    if (outcome !== 'ignored') this.#shedder?.ended(outcome === 'success', nowMs);
    const ramp = this.#ramp;
    if (!this.#isRamping || ramp === undefined || outcome === 'ignored') return undefined;
    if (!ramp.record(outcome === 'failure', this.#rampThreshold)) return undefined;
    return { reason: 'rampFailed', failures: ramp.failures, calls: ramp.calls, threshold: this.#rampThreshold };
  }

  /** It would let more through if it were new. */
  remembers(nowMs: number): boolean {
    return this.share(nowMs) < 1;
  }

  /** Forgets what it has counted. */
  clear(): void {
    this.#shedder?.clear();
  }
}
