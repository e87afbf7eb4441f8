import { deepStrictEqual, strictEqual } from 'node:assert';
import type { Breaker } from '../../../src/core/breaker.ts';
import { Engine } from '../../../src/core/engine.ts';
import type { BreakerEvent } from '../../../src/core/events.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Permit, PermitSlot } from '../../../src/core/permit.ts';
import type { RejectionReason } from '../../../src/core/state.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';
import { newSlot } from './make.ts';
import { ReferenceBreaker, type ReferenceCall } from './reference-breaker.ts';
import type { Border, Schedule, Step } from './schedule.ts';

/** One admitted call, in the real breaker and in the reference. */
interface Pair {
  readonly real: RealCall;
  readonly reference: ReferenceCall;
  readonly hasCodes: boolean;
}

interface RealCall {
  readonly slot: PermitSlot;
  readonly settle: (outcome: Outcome, durationMs: number, code: number) => void;
}

/** Plays a schedule with the real breaker and with the reference, side by side. */
class Play {
  readonly events: BreakerEvent[] = [];
  readonly refusals = new Set<RejectionReason | undefined>();
  readonly #schedule: Schedule;
  readonly #clock: ManualClock;
  readonly #real: Breaker;
  readonly #reference: ReferenceBreaker;
  readonly #pairs: Pair[] = [];

  constructor(schedule: Schedule) {
    const clock = new ManualClock(schedule.startMs);
    this.#schedule = schedule;
    this.#clock = clock;
    this.#real = new Engine('model', schedule.config, { clock, random: inTurn(schedule.draws) });
    this.#real.subscribe((event) => this.events.push(event));
    this.#reference = new ReferenceBreaker(schedule.config, () => clock.now(), inTurn(schedule.draws));
  }

  run(): void {
    for (const step of this.#schedule.steps) {
      this.#take(step);
      this.#compare();
      if (this.#schedule.snapshotsAlways) this.#compareSnapshots();
    }
    this.#compareSnapshots();
    strictEqual(this.events.length, this.#reference.events.length);
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'acquire':
        this.#acquire(step.deadlineMs, step.withSlot);
        return;
      case 'settle':
        this.#settle(this.#pair(step.which), step.outcome, step.durationMs, step.code);
        return;
      case 'answer':
        this.#answer(this.#pair(step.which));
        return;
      case 'burst':
        for (const { outcome, durationMs, code } of step.results) {
          this.#settle(this.#acquire(Infinity, false), outcome, durationMs, code);
          this.#compare();
          this.#clock.advance(step.everyMs);
        }
        return;
      case 'crowd':
        for (let i = 0; i < step.calls; i++) this.#acquire(Infinity, true);
        return;
      case 'watch':
        this.#watch(this.#pair(step.which), step.ageMs);
        return;
      case 'pushBack':
        this.#real.pushBack(step.ms, this.#clock.now());
        this.#reference.pushBack(step.ms);
        return;
      case 'advance':
        this.#clock.advance(step.ms);
        return;
      case 'advanceTo':
        this.#clock.advance(Math.max(0, this.#msTo(step.border) + step.offMs));
        return;
      case 'snapshot':
        this.#compareSnapshots();
        return;
      case 'trip':
      case 'signal':
      case 'reset':
      case 'override':
        this.#byHand(step);
    }
  }

  #byHand(step: Extract<Step, { do: 'trip' | 'signal' | 'reset' | 'override' }>): void {
    // A person looks first, so that an override that is over is seen to be.
    this.#compareSnapshots();
    if (step.do === 'trip') {
      strictEqual(this.#real.trip('hand'), this.#reference.trip({ reason: 'manual', message: 'hand' }, 0));
    } else if (step.do === 'signal') {
      const signal = { signal: 'p99', message: 'high', value: 7 };
      const holdForMs = step.holdForMs > 0 ? step.holdForMs : 0;
      strictEqual(
        this.#real.tripBySignal(signal, step.holdForMs),
        this.#reference.trip({ reason: 'signal', ...signal }, holdForMs),
      );
    } else if (step.do === 'reset') {
      this.#real.reset();
      this.#reference.reset();
    } else {
      this.#real.override(step.kind, { reason: 'hand', forMs: step.forMs });
      this.#reference.override(step.kind, 'hand', step.forMs);
    }
  }

  #acquire(deadlineMs: number, withSlot: boolean): Pair | undefined {
    const real = withSlot ? this.#acquireSlot(deadlineMs) : this.#acquirePermit(deadlineMs);
    const reference = this.#reference.acquire(deadlineMs);
    strictEqual(real === undefined ? 'refused' : 'admitted', reference === undefined ? 'refused' : 'admitted');
    if (real === undefined || reference === undefined) {
      this.refusals.add(this.#reference.refusal);
      strictEqual(this.#real.rejection(this.#clock.now()).reason, this.#reference.refusal);
      return undefined;
    }
    const pair: Pair = { real, reference, hasCodes: withSlot };
    this.#pairs.push(pair);
    return pair;
  }

  #acquirePermit(deadlineMs: number): RealCall | undefined {
    const permit: Permit | null = deadlineMs === Infinity ? this.#real.tryAcquire() : this.#real.tryAcquire(deadlineMs);
    if (permit === null) return undefined;
    const settle: RealCall['settle'] = (outcome, durationMs, code) => {
      if (outcome === 'success') permit.success(durationMs);
      else if (outcome === 'failure') permit.failure(durationMs, code);
      else permit.ignore();
    };
    return { slot: permit, settle };
  }

  #acquireSlot(deadlineMs: number): RealCall | undefined {
    const slot: PermitSlot = newSlot();
    const settle: RealCall['settle'] = (outcome, durationMs, code) => {
      this.#real.settle(slot, outcome, durationMs, this.#clock.now(), code);
    };
    if (this.#real.acquire(slot, this.#clock.now(), deadlineMs)) return { slot, settle };
    // A refused slot holds nothing to settle.
    settle('failure', 1, 14);
    return undefined;
  }

  #settle(pair: Pair | undefined, outcome: Outcome, durationMs: number, code: number): void {
    pair?.real.settle(outcome, durationMs, code);
    // What a permit of its own says of a success has no code, and of an ignored call no duration.
    if (pair !== undefined)
      this.#reference.settle(pair.reference, outcome, durationMs, pair.hasCodes || outcome === 'failure' ? code : -1);
  }

  #watch(pair: Pair | undefined, ageMs: number): void {
    if (pair === undefined) return;
    strictEqual(this.#real.watch(pair.real.slot, ageMs, this.#clock.now()), this.#reference.watch(pair.reference, ageMs));
  }

  #answer(pair: Pair | undefined): void {
    if (pair === undefined) return;
    this.#real.answered(pair.real.slot);
    pair.reference.isAnswered = true;
  }

  /** A call, counted from the newest. */
  #pair(which: number): Pair | undefined {
    return this.#pairs.at(-1 - (which % Math.max(1, this.#pairs.length)));
  }

  #msTo(border: Border): number {
    const now = this.#clock.now();
    if (border === 'overrideEnd') return finite((this.#reference.overrideEndsMs() ?? now) - now);
    if (border === 'retry') return finite(this.#reference.retryInMs());
    const { failureRate, slowCallRate } = this.#schedule.config.trip;
    const window = failureRate?.window ?? slowCallRate?.window;
    if (window === undefined || 'calls' in window) return 0;
    const sliceMs = window.durationMs / window.slices;
    return (Math.floor(now / sliceMs) + 1) * sliceMs - now;
  }

  /** All that can be seen without a snapshot, which would itself see what time changed. */
  #compare(): void {
    const real = this.#real;
    const reference = this.#reference;
    const known = reference.events.length;
    for (let i = Math.max(0, known - 3); i < known; i++) deepStrictEqual(this.events[i], this.#sameExpiry(i));
    strictEqual(this.events.length, known);
    strictEqual(real.state, reference.state);
    strictEqual(real.isIdle, reference.isIdle());
    deepStrictEqual(real.verdict, reference.verdict);
    strictEqual(real.rejection(this.#clock.now()).retryInMs, reference.retryInMs());
  }

  #compareSnapshots(): void {
    const real = this.#real.snapshot();
    const reference = this.#reference.snapshot();
    this.#compare();
    deepStrictEqual(real, { ...reference, verdict: this.#reference.verdict });
  }

  /** Where several leases were over at once, the verdict may name any of them. */
  #sameExpiry(at: number): BreakerEvent | undefined {
    const real = this.events[at];
    const expected = this.#reference.events[at];
    const isExpiry = (event?: BreakerEvent) => event?.type === 'transition' && event.verdict.reason === 'trialExpired';
    if (real?.type !== 'transition' || expected?.type !== 'transition' || !isExpiry(real) || !isExpiry(expected)) return expected;
    const { verdict } = real;
    if (expected.verdict.reason === 'trialExpired' && verdict.reason === 'trialExpired') {
      deepStrictEqual(verdict.evidence, expected.verdict.evidence);
    }
    if (verdict.reason !== 'trialExpired' || !this.#reference.expiredLeases.includes(verdict.leaseMs)) return expected;
    if (this.#reference.verdict === expected.verdict) this.#reference.verdict = verdict;
    const agreed = { ...expected, verdict };
    this.#reference.events[at] = agreed;
    return agreed;
  }
}

/** Plays a schedule; what the real breaker told, and why it refused calls, when it did as the reference did at every step. */
export function playSchedule(schedule: Schedule): Pick<Play, 'events' | 'refusals'> {
  const play = new Play(schedule);
  play.run();
  return play;
}

function inTurn(draws: readonly number[]): () => number {
  let drawn = 0;
  return () => draws[drawn++ % draws.length] ?? 0;
}

function finite(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
