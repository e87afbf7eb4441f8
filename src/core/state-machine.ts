import type { EventQueue } from './events.ts';
import type { Mode, Override, RejectionReason, State } from './state.ts';
import { isLegalTransition } from './transition.ts';
import type { Verdict } from './verdict.ts';

/** What a person said of a decision: why, and until when it holds, in milliseconds on the clock. */
export interface Said {
  readonly reason: string;
  readonly untilMs: number;
}

/** Whose states these are: told of a change before its event goes out. */
export interface StateListener {
  readonly name: string;
  readonly mode: Mode;
  stateChanged(from: State, to: State, nowMs: number): void;
}

/** In which state a breaker is, since when and why, and what a person has said: every change of state goes through here. */
export class StateMachine {
  readonly #events: EventQueue;
  readonly #listener: StateListener;
  state: State = 'closed';
  /** Counts changes: a result of an earlier generation is not judged. */
  generation = 1;
  sinceMs: number;
  openUntilMs = 0;
  /** An open period does not end earlier, however many calls are refused. */
  #openAtLeastUntilMs = 0;
  #refused = 0;
  verdict: Verdict | undefined;
  override: Override | null = null;
  /** What was said of it; undefined without an override. */
  overrideSaid: Said | undefined;

  constructor(nowMs: number, events: EventQueue, listener: StateListener) {
    this.#events = events;
    this.#listener = listener;
    this.sinceMs = nowMs;
  }

  /** Closed by its own judgement: no person's override, and not off. */
  get isPlainlyClosed(): boolean {
    return this.state === 'closed' && this.override === null && this.#listener.mode !== 'off';
  }

  /** Open, and its open period is over: the next call is a trial. */
  isTrialDue(nowMs: number): boolean {
    return this.state === 'open' && nowMs >= this.openUntilMs;
  }

  /** Lengthens an open period. */
  stayOpenUntil(untilMs: number): void {
    if (this.state !== 'open') return;
    this.openUntilMs = Math.max(this.openUntilMs, untilMs);
    this.#openAtLeastUntilMs = Math.max(this.#openAtLeastUntilMs, untilMs);
  }

  /** A call was refused. After so many of them, a period that has grown ends: each costs a caller an answer, a trial only one. */
  refused(nowMs: number, enough: number): void {
    if (this.state !== 'open' || ++this.#refused < enough || nowMs < this.#openAtLeastUntilMs) return;
    this.openUntilMs = Math.min(this.openUntilMs, nowMs);
  }

  /** Why calls are refused in this state. */
  get refusal(): RejectionReason {
    if (this.override === 'forcedOpen') return 'forced';
    return this.state === 'halfOpen' ? 'halfOpen' : 'open';
  }

  /** Milliseconds until an open breaker lets a trial through: 0 when it would now, Infinity when it is forced open without an end. */
  openForMs(nowMs: number): number {
    if (this.state !== 'open') return 0;
    return Math.max(0, (this.override === 'forcedOpen' ? (this.overrideSaid?.untilMs ?? 0) : this.openUntilMs) - nowMs);
  }

  /** Goes to another state. @throws Error where the table of transitions has none */
  change(to: State, verdict: Verdict, nowMs: number, openForMs: number = 0, openAtLeastMs: number = openForMs): void {
    const from = this.state;
    if (!isLegalTransition(from, to))
      throw new Error(`breaker ${this.#listener.name}: ${from} -> ${to} is not a legal transition`);
    const lastedMs = nowMs - this.sinceMs;
    this.state = to;
    this.generation++;
    this.sinceMs = nowMs;
    this.verdict = verdict;
    if (to === 'open') {
      this.openUntilMs = nowMs + openForMs;
      this.#openAtLeastUntilMs = nowMs + openAtLeastMs;
      this.#refused = 0;
    }
    this.#listener.stateChanged(from, to, nowMs);
    const event = {
      breaker: this.#listener.name,
      from,
      to,
      verdict,
      atMs: nowMs,
      lastedMs,
      openForMs,
      mode: this.#listener.mode,
    };
    this.#events.emit({ type: 'transition', ...event });
  }

  /**
   * Sets a person's decision, or takes it back.
   * @param onApplied - called when the override holds, before the state follows it
   */
  setOverride(
    override: Override | null,
    reason: string,
    untilMs: number,
    nowMs: number,
    onApplied: (before: Override | null) => void,
  ): void {
    const before = this.override;
    this.override = override;
    this.overrideSaid = override === null ? undefined : { reason, untilMs };
    const apply = () => {
      onApplied(before);
      this.#follow(before, { reason: 'forced', message: reason }, nowMs);
    };
    if (before === override) apply();
    else this.#events.emitAfter({ type: 'override', breaker: this.#listener.name, override, reason, atMs: nowMs }, apply);
  }

  /** Another mode holds. What is off judges nothing: it is closed, unless a person has forced it open. */
  modeChanged(mode: Mode, reason: string, nowMs: number): void {
    this.#events.emitAfter({ type: 'mode', breaker: this.#listener.name, mode, reason, atMs: nowMs }, () => {
      if (mode !== 'off') return;
      // Calls under way are not judged any more.
      if (this.override !== null || this.state === 'closed') this.generation++;
      else this.change('closed', { reason: 'forced', message: reason }, nowMs);
    });
  }

  /** The state that an override asks for. */
  #follow(before: Override | null, verdict: Verdict, nowMs: number): void {
    if (this.override === 'forcedOpen' && this.state === 'open') {
      this.stayOpenUntil(Infinity);
      this.verdict = verdict;
    } else if (this.override === 'forcedOpen') this.change('open', verdict, nowMs, Infinity);
    else if (this.state === 'closed') return;
    else if (this.override === 'forcedClosed' || this.#listener.mode === 'off') this.change('closed', verdict, nowMs);
    else if (before === 'forcedOpen') this.openUntilMs = nowMs;
  }
}
