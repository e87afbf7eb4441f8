import { Admission } from './admission/admission.ts';
import type { Clock } from './clock.ts';
import type { BreakerDependencies } from './dependencies.ts';
import { type BreakerListener, EventQueue } from './events.ts';
import type { BreakerConfig } from './options.ts';
import { Recovery } from './recovery/recovery.ts';
import type { Rejection } from './snapshot.ts';
import type { Mode, State } from './state.ts';
import { type Said, type StateListener, StateMachine } from './state-machine.ts';
import { Tally } from './tally.ts';
import { Judge } from './trip/judge.ts';
import type { Verdict } from './verdict.ts';

/** The parts of a breaker, and what can be seen of it without changing anything. The rarely needed parts are made when they are needed. */
export abstract class EngineParts implements StateListener {
  readonly name: string;
  protected config: BreakerConfig;
  /** A person's choice above the configuration's. */
  protected chosen: (Said & { readonly mode: Mode }) | undefined;
  protected readonly clock: Clock;
  protected readonly judge: Judge;
  protected readonly random: () => number;
  protected admission: Admission | undefined;
  protected recovery: Recovery | undefined;
  protected readonly tally: Tally = new Tally();
  protected readonly events: EventQueue;
  protected readonly machine: StateMachine;
  /** Closed, judged, without an override, and nothing is refused: calls pass without a look at the clock. */
  protected passing: boolean;

  constructor(name: string, config: BreakerConfig, dependencies: BreakerDependencies) {
    const { clock, random, onEvent, onListenerError } = dependencies;
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.events = new EventQueue(onListenerError, onEvent);
    this.judge = new Judge(config.trip);
    if (config.shed !== undefined || config.maxConcurrent !== Infinity) this.admission = new Admission(config, random);
    this.machine = new StateMachine(clock.now(), this.events, this);
    this.passing = config.mode !== 'off' && this.admission === undefined;
  }

  get mode(): Mode {
    return this.chosen?.mode ?? this.config.mode;
  }

  get state(): State {
    return this.machine.state;
  }

  get verdict(): Verdict | undefined {
    return this.machine.verdict;
  }

  get inFlightLimitMs(): number {
    return this.judge.slowerThanMs;
  }

  get usualLatencyMs(): number | undefined {
    return this.judge.adaptive?.usualLatencyMs;
  }

  get isIdle(): boolean {
    return this.machine.state === 'closed' && this.tally.inFlight === 0 && this.machine.override === null;
  }

  isSpotless(nowMs: number): boolean {
    const remembers = this.admission?.remembers(nowMs) === true || this.recovery?.remembers(nowMs) === true;
    return !remembers && this.judge.isSpotless(nowMs);
  }

  isAbandoned(nowMs: number): boolean {
    return this.machine.override === null && this.machine.isTrialDue(nowMs);
  }

  rejection(nowMs: number): Rejection {
    const { refusal } = this.machine.state === 'closed' ? (this.admission ?? this.machine) : this.machine;
    return { reason: refusal, retryInMs: this.retryInMs(nowMs), verdict: this.machine.verdict };
  }

  subscribe(listener: BreakerListener): () => void {
    return this.events.add(listener);
  }

  /** Milliseconds until a call may be let through again. */
  protected retryInMs(nowMs: number): number {
    return this.machine.state === 'halfOpen' ? this.afterTrip.trials.nextTrialInMs(nowMs) : this.machine.openForMs(nowMs);
  }

  /** Sees whether calls pass unasked from now on. */
  protected look(): void {
    this.passing = this.machine.isPlainlyClosed && this.admission?.isFree !== false;
    this.judge.adaptive?.hurry(this.admission?.isRamping === true);
  }

  /** What is needed after the first trip, made then. */
  protected get afterTrip(): Recovery {
    this.recovery ??= new Recovery(this.config, this.judge, this.random);
    return this.recovery;
  }

  abstract stateChanged(from: State, to: State, nowMs: number): void;
}
