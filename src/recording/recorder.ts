import { randomUUID } from 'node:crypto';
import type { BreakerEvent } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import { UNJUDGED } from '../core/permit.ts';
import type { RejectionReason } from '../core/state.ts';
import type { CallRecorder, RecordedCall, RecorderContext } from '../policy/call-recorder.ts';
import type { IgnoredCause } from '../policy/ignored-cause.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { deadlineUsOf, kindOf } from './call-kind.ts';
import { Dictionary, type Known } from './dictionary.ts';
import { type DiskOptions, DiskWriter } from './disk-writer.ts';
import {
  ANSWERED,
  CAUSES,
  DRAWN,
  type HeaderLine,
  HORIZON_US,
  type NoteLine,
  REASONS,
  UNDER_WAY,
  UNKNOWN,
  VERSION,
  WOULD_REFUSE,
} from './format.ts';
import { LateTicks } from './late-ticks.ts';
import { Mark, MarkList } from './marks.ts';

/** A recording without a line for so long has one that says the time, in microseconds. */
const QUIET_US = 60_000_000;

/** Numbers of a line that may have their default. */
const FIELDS = 6;

/** Writes down what breakers are told. Of a call that ends it knows what it kept in a mark of its own; lines are made in the order of ends. */
export class Recorder implements Omit<CallRecorder, 'begin'> {
  readonly #disk: DiskWriter;
  readonly #context: RecorderContext;
  readonly #originMs: number;
  readonly #header: Omit<HeaderLine, 'part'>;
  readonly #dictionary = new Dictionary();
  readonly #marks = new MarkList();
  readonly #ticks = new LateTicks();
  readonly #extra = new Float64Array(FIELDS);
  #part = -1;
  #nextLong = 1;
  #lastUs = 0;
  #drawn: number | undefined;
  #isDone = false;
  #missed = 0;
  /** Calls written. */
  calls = 0;
  /** Lines that could not be written. */
  dropped = 0;

  constructor(options: DiskOptions, context: RecorderContext) {
    this.#context = context;
    this.#originMs = context.clock.now();
    this.#header = {
      grpcBreakerCalls: VERSION,
      run: randomUUID(),
      began: context.wallClockNow(),
      horizon: HORIZON_US,
      causes: CAUSES,
      reasons: REASONS,
    };
    this.#disk = new DiskWriter(options, (error) => context.onWarning(`recording calls to ${options.file} has ended`, error));
  }

  get written(): number {
    return this.#disk.written;
  }

  drawing(random: () => number): () => number {
    return () => {
      const drawn = random();
      this.#drawn = drawn;
      return drawn;
    };
  }

  callAdmitted(call: RecordedCall, entry: BreakerEntry, nowMs: number, deadlineLeftMs: number): void {
    if (this.#isDone) return;
    const { method, isResponseStream } = call.binding;
    const deadlineUs = deadlineUsOf(deadlineLeftMs);
    const known = this.#dictionary.find(entry, method, isResponseStream, deadlineUs);
    const wouldRefuse = call.permitGeneration === UNJUDGED;
    const mark = this.#marks.add(call, known, this.#us(nowMs), deadlineUs, wouldRefuse);
    mark.drawn = this.#takeDrawn();
    call.recorded = mark;
  }

  callRejected(call: RecordedCall, entry: BreakerEntry, reason: RejectionReason, nowMs: number, deadlineLeftMs: number): void {
    if (this.#isDone) return;
    const { method, isResponseStream } = call.binding;
    const deadlineUs = deadlineUsOf(deadlineLeftMs);
    const known = this.#dictionary.find(entry, method, isResponseStream, deadlineUs);
    const atUs = this.#us(nowMs);
    const drawn = this.#takeDrawn();
    if (!this.#ready(known, atUs)) return;
    if (Number.isNaN(drawn)) this.#line(known.id, atUs, -1 - REASONS.indexOf(reason));
    else this.#line(known.id, atUs, -1 - REASONS.indexOf(reason), drawn);
    this.calls++;
  }

  callAnswered(call: RecordedCall, nowMs: number): void {
    const mark = call.recorded;
    if (!(mark instanceof Mark) || mark.long === 0 || !this.#ready(mark.known, this.#us(nowMs))) return;
    const latencyUs = call.latencyMs < 0 ? UNKNOWN : Math.round(call.latencyMs * 1000);
    this.#line(mark.long, this.#us(nowMs), ANSWERED, latencyUs);
  }

  callEnded(
    call: RecordedCall,
    entry: BreakerEntry,
    outcome: Outcome,
    statusCode: number,
    cause: IgnoredCause | undefined,
    latencyMs: number,
    pushbackMs: number,
    nowMs: number,
  ): void {
    const mark = call.recorded;
    if (!(mark instanceof Mark)) return;
    call.recorded = undefined;
    const atUs = Math.max(this.#us(nowMs), mark.startUs);
    this.#marks.remove(mark);
    if (this.#ready(mark.known, atUs)) {
      const kind = kindOf(outcome, cause, entry.policy.failureCodes.has(statusCode)) + (mark.wouldRefuse ? WOULD_REFUSE : 0);
      this.#writeEnd(mark, call, atUs - mark.startUs, statusCode, kind, latencyMs, pushbackMs);
      this.calls++;
    }
    this.#marks.release(mark);
  }

  stalled(lateMs: number, nowMs: number): void {
    const t = this.#us(nowMs);
    const tick = this.#ticks.tick(t, this.#marks.oldest?.startUs ?? t);
    if (lateMs > 0) this.#note({ t, stall: Math.round(lateMs * 1000) });
    else if (tick > 0) this.#note({ t, tick });
  }

  event(event: BreakerEvent | PolicyEvent): void {
    const { atMs, ...rest } = event;
    const t = this.#us(atMs);
    if (event.type !== 'transition') return this.#note({ t, event: rest });
    const { evidence: _, ...verdict } = event.verdict as { readonly reason: string; readonly evidence?: unknown };
    const drawn = event.to === 'open' ? this.#drawn : undefined;
    this.#drawn = undefined;
    this.#note({ t, event: { ...rest, verdict }, ...(drawn !== undefined && { drawn }) });
  }

  /** Writes what is there, also of calls that have been under way for a while. */
  flush(): void {
    const nowUs = this.#us(this.#context.clock.now());
    this.#writeLong(nowUs - HORIZON_US);
    // Who reads it is to know that nothing happened.
    if (nowUs - this.#lastUs > QUIET_US) this.#note({ t: nowUs });
    this.#disk.seal();
  }

  /** Nothing more is taken in; what is under way is written as that. */
  finish(): void {
    if (this.#isDone) return;
    this.#writeLong(Infinity);
    this.#note({ t: this.#us(this.#context.clock.now()), closed: true });
    this.#isDone = true;
    this.#disk.seal();
  }

  /** Waits for the disk. */
  drained(): Promise<void> {
    return this.#disk.drained();
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#disk.close();
  }

  /** The process ends. */
  saveAtExit(): void {
    this.#disk.saveAtExit(() => this.finish());
  }

  #us(nowMs: number): number {
    return Math.max(0, Math.round((nowMs - this.#originMs) * 1000));
  }

  #writeEnd(
    mark: Mark,
    call: RecordedCall,
    tookUs: number,
    code: number,
    kind: number,
    latencyMs: number,
    pushbackMs: number,
  ): void {
    const extra = this.#extra;
    const askedUs = Math.max(0, this.#us(call.askedMs) - mark.startUs);
    const latencyUs = latencyMs < 0 ? UNKNOWN : Math.round(latencyMs * 1000);
    // Two roundings may differ by one.
    extra[0] = Math.abs(latencyUs - (tookUs - askedUs)) <= 1 ? Number.NaN : latencyUs;
    extra[1] = askedUs === 0 ? Number.NaN : askedUs;
    extra[2] = mark.deadlineUs === mark.known.deadlineUs ? Number.NaN : mark.deadlineUs;
    extra[3] = pushbackMs > 0 && pushbackMs < Infinity ? Math.round(pushbackMs * 1000) : Number.NaN;
    extra[4] = mark.long === 0 ? Number.NaN : mark.long;
    extra[5] = mark.drawn;
    const chunk = this.#disk.current;
    if (chunk === undefined) return;
    chunk.begin(mark.known.id);
    chunk.add(mark.startUs);
    chunk.add(tookUs);
    chunk.add(code);
    chunk.add(kind);
    chunk.addAll(extra);
    chunk.end();
  }

  #writeLong(untilUs: number): void {
    for (let mark = this.#marks.oldest; mark !== undefined && mark.startUs < untilUs; mark = this.#marks.oldest) {
      const { call, known, startUs } = mark;
      if (call === undefined || !this.#hasRoom(known)) return;
      mark.long = this.#nextLong++;
      this.#marks.remove(mark);
      const askedUs = Math.max(0, this.#us(call.askedMs) - startUs);
      const latencyUs = call.latencyMs < 0 ? UNKNOWN : Math.round(call.latencyMs * 1000);
      if (Number.isNaN(mark.drawn)) this.#line(known.id, startUs, UNDER_WAY, mark.long, askedUs, latencyUs, mark.deadlineUs);
      else this.#line(known.id, startUs, UNDER_WAY, mark.long, askedUs, latencyUs, mark.deadlineUs, mark.drawn);
    }
  }

  /** Before a line of a call: those that have been under way for long come first. False where it must be dropped. */
  #ready(known: Known, atUs: number): boolean {
    this.#lastUs = atUs;
    const { oldest } = this.#marks;
    if (oldest !== undefined && oldest.startUs < atUs - HORIZON_US) this.#writeLong(atUs - HORIZON_US);
    return this.#hasRoom(known) || this.#drop();
  }

  #hasRoom(known: Known): boolean {
    if (!this.#open()) return false;
    return known.part === this.#part || this.#dictionary.introduce(known, this.#part, this.#text);
  }

  /** Makes room for a line, and says what is missing before it. */
  #open(): boolean {
    const disk = this.#disk;
    if (disk.current?.hasRoom !== true) disk.reserve();
    const { current } = disk;
    if (current === undefined) return false;
    if (current.startsPart) {
      current.startsPart = false;
      this.#part++;
      if (this.#part === 0 && disk.continues) current.text('');
      current.text(JSON.stringify({ ...this.#header, part: this.#part }));
    }
    if (this.#missed > 0 && current.text(JSON.stringify({ t: this.#us(this.#context.clock.now()), dropped: this.#missed }))) {
      this.#missed = 0;
    }
    return current.hasRoom || this.#open();
  }

  /** The random number that the decision of now was made with, in billionths; NaN for none. */
  #takeDrawn(): number {
    const drawn = this.#drawn;
    if (drawn === undefined) return Number.NaN;
    this.#drawn = undefined;
    return Math.floor(drawn * DRAWN);
  }

  #drop(): false {
    this.dropped++;
    this.#missed++;
    return false;
  }

  readonly #text = (line: string): boolean => {
    if (!this.#open()) return false;
    if (this.#disk.current?.text(line) === true) return true;
    this.#disk.seal();
    return this.#open() && this.#disk.current?.text(line) === true;
  };

  #note(note: NoteLine): void {
    this.#lastUs = note.t;
    if (!this.#isDone && !this.#text(JSON.stringify(note))) this.#drop();
  }

  #line(first: number, second: number, third: number, ...more: readonly number[]): void {
    const chunk = this.#disk.current;
    if (chunk === undefined) return;
    chunk.begin(first);
    chunk.add(second);
    chunk.add(third);
    for (const value of more) chunk.add(value);
    chunk.end();
  }
}
