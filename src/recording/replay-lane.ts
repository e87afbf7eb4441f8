import type { BreakerEvent } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import { BreakerRegistry } from '../policy/registry.ts';
import { applyAct } from './acts.ts';
import { countRefused } from './count-refused.ts';
import type { NoteLine } from './format.ts';
import { LaneEntries, type LaneEntry } from './lane-entries.ts';
import { LaneLimits } from './lane-limits.ts';
import type { LanePolicy } from './lane-policy.ts';
import type { BreakerLedger, Ledger } from './ledger.ts';
import type { LiveDraws } from './live-draws.ts';
import { FATE, type ReplayCall, type Slot } from './replay-call.ts';
import { ReplayWatch } from './replay-watch.ts';
import { ROW } from './series.ts';

const DEADLINE_EXCEEDED = 4;

/** What a lane is made of, for one run of a recording. */
export interface LaneParts {
  readonly policy: LanePolicy;
  readonly ledger: Ledger;
  readonly draws: LiveDraws;
  readonly random: () => number;
  /** Which slot of a call is its own. */
  readonly slot: number;
  /** Of time 0, in milliseconds since 1970. */
  readonly beganMs: number;
  /** Of time 0, in milliseconds since the first recording began. */
  readonly offsetMs: number;
  /** What stands behind the names of its breakers. */
  readonly suffix: string;
}

/** The calls of one run, told to real breakers of one policy, whose clock is the recording's. */
export class ReplayLane {
  readonly #parts: LaneParts;
  readonly #registry: BreakerRegistry;
  readonly #entries: LaneEntries;
  readonly #watch: ReplayWatch;
  readonly #limits = new LaneLimits();
  #nowMs = 0;
  /** What is being told to a breaker. */
  #asking: ReplayCall | undefined;
  #of: LaneEntry | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const clock = { now: () => this.#nowMs };
    const onEvent = (event: BreakerEvent) => this.#changed(event);
    this.#registry = new BreakerRegistry(parts.policy.maxBreakers, { clock, random: () => this.#draw(), onEvent });
    this.#entries = new LaneEntries(parts, this.#registry);
    this.#watch = new ReplayWatch(parts.draws, (entry, slot, ageMs, nowMs) => {
      this.#of = this.#entries.known(entry);
      return entry.breaker.watch(slot, ageMs, nowMs);
    });
  }

  advance(nowUs: number): void {
    const watch = this.#watch;
    const limits = this.#limits;
    watch.skipTo(Math.min(nowUs, limits.nextUs));
    for (let nextUs = Math.min(watch.nextUs, limits.nextUs); nextUs <= nowUs; nextUs = Math.min(watch.nextUs, limits.nextUs)) {
      this.#nowMs = nextUs / 1000;
      if (limits.nextUs === nextUs) this.#endByLimit(nextUs);
      else watch.tick();
    }
  }

  start(call: ReplayCall, nowUs: number): void {
    const slot = call.slots[this.#parts.slot] as Slot;
    const own = this.#entries.of(call);
    const { method, entry, ledger } = own;
    if (!call.isRejected) ledger.calls++;
    if (entry === undefined) {
      slot.fate = FATE.outside;
      if (call.isRejected) this.#unknown(own, true);
      return;
    }
    const nowMs = nowUs / 1000;
    this.#nowMs = nowMs;
    this.#of = own;
    this.#asking = call;
    slot.entry = entry;
    const isGranted = entry.breaker.acquire(slot, nowMs, Math.min(call.deadlineUs, method.deadlineUs) / 1000);
    this.#asking = undefined;
    if (call.isRejected) {
      // What would have become of it nobody knows: as if it had not been made.
      if (isGranted) entry.breaker.settle(slot, 'ignored', 0, nowMs);
      this.#unknown(own, isGranted);
    } else if (isGranted) this.#pass(call, slot, own, nowUs);
    else this.#refused(slot, nowMs);
  }

  answer(call: ReplayCall, nowUs: number): void {
    const slot = call.slots[this.#parts.slot] as Slot;
    const { entry } = slot;
    if (slot.fate !== FATE.passed || entry === undefined) return;
    slot.fate = FATE.answered;
    this.#watch.end(slot, entry);
    if (slot.permitTrial < 0 || !entry.policy.stream.succeedsAtFirstMessage) return;
    this.#nowMs = nowUs / 1000;
    this.#of = this.#entries.known(entry);
    entry.breaker.answered(slot, call.latencyUs / 1000, this.#nowMs);
  }

  end(call: ReplayCall, nowUs: number): void {
    if (call.isRejected) return;
    const slot = call.slots[this.#parts.slot] as Slot;
    const own = this.#entries.of(call);
    const { method, ledger } = own;
    if (slot.fate === FATE.over) return;
    const usual = slot.entry?.breaker.usualLatencyMs;
    const endsEarly = slot.fate === FATE.refused && method.endsEarly(call);
    const outcome = endsEarly ? method.outcomeOfLimit(call, usual) : method.outcomeOf(call, usual);
    if (slot.fate === FATE.refused) countRefused(ledger, outcome);
    else if (slot.fate === FATE.outside) {
      ledger.unprotected++;
      this.#count(ledger, outcome);
    } else this.#settle(call, slot, own, outcome, latencyOf(call), nowUs, call.code);
  }

  note(note: NoteLine, nowUs: number): void {
    this.#nowMs = nowUs / 1000;
    if (note.stall !== undefined) this.#watch.stalled(note.stall / 1000);
    else if (note.event !== undefined) {
      for (const own of this.#entries.ofRecorded(String(note.event.breaker))) {
        this.#of = own;
        if (own.entry !== undefined) applyAct(own.entry.breaker, note.event);
      }
    }
  }

  #pass(call: ReplayCall, slot: Slot, { method, entry }: LaneEntry, nowUs: number): void {
    slot.fate = FATE.passed;
    this.#watch.begin(nowUs);
    slot.askedMs = Math.max(call.askedUs, nowUs) / 1000;
    if (method.watchesLatency && entry !== undefined && slot.permitGeneration > 0) this.#watch.watch(slot, entry);
    if (method.endsEarly(call)) this.#limits.add(call, call.startUs + method.limitOf(call));
  }

  #refused(slot: Slot, nowMs: number): void {
    slot.fate = FATE.refused;
    this.#parts.ledger.count(ROW.refused, this.#parts.offsetMs + nowMs);
  }

  #unknown({ ledger }: LaneEntry, isGranted: boolean): void {
    ledger.calls++;
    if (isGranted) ledger.passedUnknown++;
    else {
      ledger.refusedUnknown++;
      this.#parts.ledger.count(ROW.refused, this.#parts.offsetMs + this.#nowMs);
    }
  }

  #endByLimit(nowUs: number): void {
    const call = this.#limits.take();
    const slot = call?.slots[this.#parts.slot];
    if (call === undefined || slot === undefined || (slot.fate !== FATE.passed && slot.fate !== FATE.answered)) return;
    const own = this.#entries.of(call);
    const { method } = own;
    const outcome = method.outcomeOfLimit(call, slot.entry?.breaker.usualLatencyMs);
    const latencyMs =
      call.breaker?.stream === true && slot.fate === FATE.answered ? call.latencyUs / 1000 : nowUs / 1000 - slot.askedMs;
    this.#settle(call, slot, own, outcome, latencyMs, nowUs, DEADLINE_EXCEEDED);
  }

  #settle(call: ReplayCall, slot: Slot, own: LaneEntry, outcome: Outcome, latencyMs: number, nowUs: number, code: number): void {
    const { entry } = slot;
    if (entry === undefined) return;
    if (slot.fate === FATE.passed) this.#watch.end(slot, entry);
    slot.fate = FATE.over;
    this.#count(own.ledger, outcome);
    this.#nowMs = nowUs / 1000;
    this.#of = own;
    if (outcome === 'failure' && call.pushbackUs > 0) entry.breaker.pushBack(call.pushbackUs / 1000, this.#nowMs);
    entry.breaker.settle(slot, outcome, latencyMs, this.#nowMs, code);
  }

  #count(ledger: BreakerLedger, outcome: Outcome): void {
    const atMs = this.#parts.offsetMs + this.#nowMs;
    if (outcome === 'success') {
      ledger.succeeded++;
      this.#parts.ledger.count(ROW.succeeded, atMs);
    } else if (outcome === 'failure') {
      ledger.failed++;
      this.#parts.ledger.count(ROW.failed, atMs);
    } else ledger.ignored++;
  }

  #changed(event: BreakerEvent): void {
    if (event.type !== 'transition') return;
    const { ledger, beganMs, suffix } = this.#parts;
    ledger.changed(ledger.of(event.breaker + suffix), event, beganMs + event.atMs);
  }

  /** Under the policy that held live, what was drawn live is drawn again. */
  #draw(): number {
    const { draws, random } = this.#parts;
    const own = this.#of;
    if (own?.entry === undefined || !own.method.isSame) return random();
    // Of a closed breaker, at a call's start: whether it is shed.
    if (this.#asking !== undefined && own.entry.breaker.state === 'closed') {
      return Number.isNaN(this.#asking.drawn) ? random() : this.#asking.drawn;
    }
    return draws.near(own.recorded, this.#nowMs * 1000) ?? random();
  }
}

function latencyOf(call: ReplayCall): number {
  const { latencyUs } = call;
  if (latencyUs < 0) return -1;
  return (Number.isNaN(latencyUs) ? call.endUs - call.askedUs : latencyUs) / 1000;
}
