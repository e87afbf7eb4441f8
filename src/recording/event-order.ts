import { Fifo } from './fifo.ts';
import type { NoteLine } from './format.ts';
import { Heap } from './heap.ts';
import { ReplayCall } from './replay-call.ts';

/** A look ahead beyond the horizon, in microseconds: after this process stood still, the line that says so comes a little behind others. */
const SLACK_US = 100_000;

/** What happens to calls, told in the order of time. */
export interface Stage {
  /** Time has come so far, in microseconds: what time alone brings about comes first. */
  advance(nowUs: number): void;
  start(call: ReplayCall, nowUs: number): void;
  /** The first message of a stream. */
  answer(call: ReplayCall, nowUs: number): void;
  /** It ended, or was refused at its start. It is not to be remembered. */
  end(call: ReplayCall, nowUs: number): void;
  note(note: NoteLine, nowUs: number): void;
}

interface Answer {
  readonly atUs: number;
  readonly call: ReplayCall;
  readonly serial: number;
}

/**
 * Brings the lines of a recording, which stand in the order of ends, into the order of time. It looks ahead as far as the recording's horizon, so what it
 * keeps is the calls of that time, and those that are under way.
 */
export class EventOrder {
  readonly #stage: Stage;
  readonly #lanes: number;
  readonly #starts = new Heap<ReplayCall>((one, other) => one.startUs < other.startUs);
  readonly #ends = new Fifo<ReplayCall>();
  readonly #answers = new Heap<Answer>((one, other) => one.atUs < other.atUs);
  readonly #notes = new Fifo<NoteLine>();
  readonly #spare: ReplayCall[] = [];
  /** Calls under way of which there was no end yet, by the number that they were written with. */
  readonly #long = new Map<number, ReplayCall>();
  readonly #horizonUs: number;
  #latestUs = 0;
  #safeUs = 0;
  #pendingUs = 0;
  #doneUs = 0;
  /** Starts that came too late to be in order. */
  late = 0;

  constructor(stage: Stage, lanes: number, horizonUs: number) {
    this.#stage = stage;
    this.#lanes = lanes;
    this.#horizonUs = horizonUs;
  }

  /** The time of the last line. */
  get latestUs(): number {
    return this.#latestUs;
  }

  /** Calls that were under way at the end. */
  get unfinished(): number {
    return this.#long.size;
  }

  /** One to fill in. */
  make(): ReplayCall {
    return this.#spare.pop() ?? new ReplayCall(this.#lanes);
  }

  /** It was not needed. */
  release(call: ReplayCall): void {
    call.clear();
    this.#spare.push(call);
  }

  /** A call that ended, or was refused. */
  ended(call: ReplayCall): void {
    this.#starts.push(call);
    this.#ends.push(call);
    this.#sees(call.endUs);
  }

  /** A call that is under way. */
  underWay(long: number, call: ReplayCall): void {
    this.#long.set(long, call);
    this.#starts.push(call);
  }

  /** The call of such a number that ends now, to fill in; undefined for one whose start is not there. */
  longOf(long: number): ReplayCall | undefined {
    const call = this.#long.get(long);
    this.#long.delete(long);
    return call;
  }

  /** It is filled in. */
  longEnded(call: ReplayCall): void {
    this.#ends.push(call);
    this.#sees(call.endUs);
  }

  /** The first message of a call that has been under way for long. */
  longAnswered(long: number, atUs: number, latencyUs: number): void {
    const call = this.#long.get(long);
    if (call === undefined) return;
    call.latencyUs = latencyUs;
    this.#answers.push({ atUs, call, serial: call.serial });
    this.#sees(atUs);
  }

  note(note: NoteLine): void {
    this.#notes.push(note);
    this.#sees(note.t);
  }

  /** Nothing more comes. */
  finish(): void {
    this.#run(Infinity);
  }

  #sees(timeUs: number): void {
    if (timeUs - this.#pendingUs >= SLACK_US) {
      this.#safeUs = this.#latestUs;
      this.#pendingUs = timeUs;
      this.#run(this.#safeUs - this.#horizonUs);
    }
    if (timeUs > this.#latestUs) this.#latestUs = timeUs;
  }

  #run(untilUs: number): void {
    for (;;) {
      const start = this.#starts.first?.startUs ?? Infinity;
      const end = this.#ends.first?.endUs ?? Infinity;
      const note = this.#notes.first?.t ?? Infinity;
      const answer = this.#answers.first?.atUs ?? Infinity;
      const next = Math.min(start, end, note, answer);
      if (next === Infinity || next > untilUs) return;
      const nowUs = Math.max(next, this.#doneUs);
      this.#doneUs = nowUs;
      this.#stage.advance(nowUs);
      // A call that ends makes room for one that begins; one that both begins and ends now begins first.
      if (answer === next) this.#answer(nowUs);
      else if (start === next && (end !== next || this.#ends.first?.startUs === next)) this.#start(nowUs, next);
      else if (end === next) this.#end(nowUs);
      else this.#stage.note(this.#notes.shift() as NoteLine, nowUs);
    }
  }

  #start(nowUs: number, dueUs: number): void {
    const call = this.#starts.pop() as ReplayCall;
    if (nowUs > dueUs) this.late++;
    this.#stage.start(call, nowUs);
    if (call.breaker?.stream === true && call.latencyUs >= 0) {
      this.#answers.push({ atUs: call.askedUs + call.latencyUs, call, serial: call.serial });
    }
  }

  #answer(nowUs: number): void {
    const { call, serial } = this.#answers.pop() as Answer;
    if (call.serial === serial) this.#stage.answer(call, nowUs);
  }

  #end(nowUs: number): void {
    const call = this.#ends.shift() as ReplayCall;
    this.#stage.end(call, nowUs);
    this.release(call);
  }
}
