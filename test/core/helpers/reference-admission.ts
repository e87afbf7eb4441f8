import type { BreakerConfig, ShedConfig } from '../../../src/core/options.ts';
import type { RampFailedVerdict } from '../../../src/core/verdict.ts';
import { inWindow } from './reference-trip.ts';

/** The return of traffic, with all that happened in it. */
interface Ramp {
  readonly fromMs: number;
  readonly lengthMs: number;
  readonly asksMs: number[];
  readonly failed: boolean[];
}

/** What a closed breaker refuses, from the lists of all that happened. */
export class ReferenceAdmission {
  readonly #config: BreakerConfig;
  readonly #now: () => number;
  readonly #random: () => number;
  #ramp: Ramp | undefined;
  /** Requests of a breaker that sheds: those refused, and those that ended. */
  #requests: { atMs: number; isAccepted: boolean }[] = [];
  /** When a spare call was asked for, shedding. */
  readonly #spareAsksMs: number[] = [];

  constructor(config: BreakerConfig, now: () => number, random: () => number) {
    this.#config = config;
    this.#now = now;
    this.#random = random;
  }

  beginRamp(outageMs: number): void {
    const lengthMs = Math.min(this.#config.rampUpMs, outageMs);
    this.#ramp = lengthMs > 0 ? { fromMs: this.#now(), lengthMs, asksMs: [], failed: [] } : undefined;
  }

  cancelRamp(): void {
    this.#ramp = undefined;
  }

  forget(): void {
    this.#ramp = undefined;
    this.#requests = [];
  }

  /** Why a call is refused, with so many under way; undefined where it passes. */
  refusal(underWay: number): 'concurrency' | 'ramp' | 'shed' | undefined {
    if (underWay >= this.#config.maxConcurrent) return 'concurrency';
    const ramp = this.#rampNow();
    if (ramp !== undefined && !this.#rampPasses(ramp)) return 'ramp';
    const { shed } = this.#config;
    if (shed === undefined) return undefined;
    const share = this.#shedShare(shed);
    if (share === 0 || this.#random() >= share) return undefined;
    this.#spareAsksMs.push(this.#now());
    if (hasSpare(0, this.#spareAsksMs)) return undefined;
    this.#requests.push({ atMs: this.#now(), isAccepted: false });
    return 'shed';
  }

  /** A judged call ended; a verdict where the ramp failed by it. */
  ended(failed: boolean): RampFailedVerdict | undefined {
    this.#requests.push({ atMs: this.#now(), isAccepted: !failed });
    const ramp = this.#rampNow();
    if (ramp === undefined) return undefined;
    ramp.failed.push(failed);
    const failures = ramp.failed.filter(Boolean).length;
    const calls = ramp.failed.length;
    const threshold = this.#config.trip.failureRate?.threshold ?? 0.5;
    if (!failed || failures < 3 || failures / calls < threshold) return undefined;
    return { reason: 'rampFailed', failures, calls, threshold };
  }

  /** The share of calls that pass. */
  share(): number {
    const ramp = this.#rampNow();
    const { shed } = this.#config;
    return (ramp === undefined ? 1 : rampShare(ramp, this.#now())) * (1 - (shed === undefined ? 0 : this.#shedShare(shed)));
  }

  #rampNow(): Ramp | undefined {
    const ramp = this.#ramp;
    return ramp === undefined || this.#now() - ramp.fromMs >= ramp.lengthMs ? undefined : ramp;
  }

  /** Plays all asks since the ramp began: turns that the share gives come first, then spare calls. */
  #rampPasses(ramp: Ramp): boolean {
    ramp.asksMs.push(this.#now());
    const spare: number[] = [];
    let turns = 0;
    let passes = false;
    for (const atMs of ramp.asksMs) {
      turns += rampShare(ramp, atMs);
      passes = turns >= 1;
      if (passes) turns--;
      else {
        spare.push(atMs);
        passes = hasSpare(ramp.fromMs, spare);
      }
    }
    return passes;
  }

  #shedShare({ k, window }: ShedConfig): number {
    const requests = inWindow(window, this.#requests, this.#now());
    const accepts = requests.filter(({ isAccepted }) => isAccepted).length;
    return Math.max(0, (requests.length - k * accepts) / (requests.length + 1));
  }
}

/** Five calls a second, saved up for one second: whether the last of these got one. */
function hasSpare(fromMs: number, asksMs: readonly number[]): boolean {
  let spare = 1;
  let beforeMs = fromMs;
  let passes = false;
  for (const atMs of asksMs) {
    spare = Math.min(5, spare + (Math.max(0, atMs - beforeMs) / 1_000) * 5);
    beforeMs = atMs;
    passes = spare >= 1;
    if (passes) spare--;
  }
  return passes;
}

/** From a tenth to all, evenly. */
function rampShare({ fromMs, lengthMs }: Ramp, atMs: number): number {
  return Math.min(1, 0.1 + (0.9 * (atMs - fromMs)) / lengthMs);
}
