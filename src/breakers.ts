import type { Client, ClientOptions, Interceptor } from '@grpc/grpc-js';
import type { Breaker } from './core/breaker.ts';
import type { Clock } from './core/clock.ts';
import type { BreakerEvent } from './core/events.ts';
import type { BreakerSnapshot } from './core/snapshot.ts';
import type { BreakerInfo } from './policy/breaker-info.ts';
import type { CallRecorder } from './policy/call-recorder.ts';
import type { FallbackClient } from './policy/fallback-call-options.ts';
import type { ServiceSource } from './policy/method-definitions.ts';
import type { Policy } from './policy/policy.ts';
import type { PolicyEvent } from './policy/policy-event.ts';
import type { WarningHandler } from './policy/ports.ts';
import type { NamedFunctions } from './policy/registered.ts';
import type { ShadowEvent } from './policy/shadow-event.ts';
import type { PrometheusSource, Signal, SignalEvent, SignalStatus } from './policy/signal.ts';
import type { TelemetryOptions } from './telemetry/telemetry.ts';

/** What `subscribe` of {@link Breakers} hears: changes of breakers, of the signals that they listen to, and of their policy. Tell them apart by `type`. */
export type BreakersEvent = BreakerEvent | SignalEvent | PolicyEvent | ShadowEvent;

/** Hears the events of all breakers. What it throws, and what its promise rejects with, is a warning and changes nothing for callers. */
export type BreakersListener = (event: BreakersEvent) => unknown;

/** What breakers may be made with besides their policy. */
export interface BreakersOptions {
  /** The services whose methods have fallbacks: `Client.service`, or client constructors. Their messages are checked against them. */
  services?: readonly ServiceSource[];
  /** Functions that the policy names: of fallbacks, their keys and mappers, `failureWhen` and `classify`. @default none */
  functions?: NamedFunctions;
  /** Clients of fallback calls that the policy names. @default none */
  clients?: Readonly<Record<string, FallbackClient>>;
  /** OpenTelemetry providers, or false for none at all. @default the globally registered providers */
  telemetry?: TelemetryOptions | false;
  /** Trip signals from outside, by the names that policies call them in `trip.signal`. @default none */
  signals?: Readonly<Record<string, Signal>>;
  /** What answers `trip.prometheus`: `prometheus()` of `grpc-breaker/prometheus`. @default none */
  prometheus?: PrometheusSource;
  /** Writes calls down for a backtest: `recordCalls(file)`. @default none */
  record?: CallRecorder;
  /** Hears what was kept away from calls: a listener, a fallback or a key function that threw. @default a process warning */
  onWarning?: WarningHandler;
  /** Where time is read from. @default the process's monotonic clock */
  clock?: Clock;
  /** Random numbers from 0 to 1, for jitter. @default Math.random */
  random?: () => number;
}

/** The breakers of one policy. Made by {@link createBreakers}. */
export interface Breakers {
  /** The policy that holds now. */
  readonly policy: Policy;
  /**
   * Goes over to another policy at once: calls that begin from now on are under it, those under way end under the one that they began with. Breakers
   * whose method and key are still the same go on with their state, and with what they know of the conditions that did not change.
   * @returns what changed; listeners get the same
   * @throws ConfigError with every problem in the policy; nothing changes then
   */
  reload(policy: Policy): PolicyEvent;
  /**
   * The options that protect a client of a target, to be passed to its constructor. Calls with interceptors of their own stay protected.
   * @param target - the address that the client is made with; it is part of the breakers' names
   * @param options - your own client options, which are kept
   */
  clientOptions(target: string, options?: ClientOptions): ClientOptions;
  /**
   * Protects a client that exists already, such as one that a framework made, and returns it. A client that is protected already stays as it is.
   * @param client - a client of `@grpc/grpc-js`
   * @param target - the target for the names of its breakers. @default that of its channel
   * @throws TypeError for what is no such client
   */
  protect<Protected extends Client>(client: Protected, target?: string): Protected;
  /**
   * The interceptor alone. Calls with interceptors of their own bypass it, as grpc-js has it, and without the channel's credentials `lastGood` stores nothing, unless
   * it shares answers between callers; prefer {@link Breakers.clientOptions}.
   */
  interceptor(target: string): Interceptor;
  /** A breaker by its name, such as `127.0.0.1:8081/inference.GRPCInferenceService/ModelInfer`; undefined before its first call. */
  get(name: string): Breaker | undefined;
  /** Every breaker there is now. */
  list(): Breaker[];
  /** How each of them stands. */
  snapshot(): BreakerSnapshot[];
  /** Hears the events of all of them, from the event loop: the call that made one gets its status first. Returns a function that ends it. */
  subscribe(listener: BreakersListener): () => void;
  /**
   * Breakers with their surroundings: target, method, fallbacks, the trace of the last outage.
   * @param names - only these; unknown ones are left out. @default every breaker
   */
  describe(names?: readonly string[]): BreakerInfo[];
  /** How the outside signals stand that the policy names. */
  signals(): SignalStatus[];
  /**
   * Ends their telemetry (open spans end, and their series fall to 0), their signals, and the clients of fallback calls. Your clients keep working,
   * and stay protected.
   */
  dispose(): void;
}
