import type { ClientOptions, Interceptor } from '@grpc/grpc-js';
import type { Breaker } from './core/breaker.ts';
import type { Clock } from './core/clock.ts';
import { ConfigError } from './core/errors.ts';
import { type BreakerEvent, EventQueue } from './core/events.ts';
import type { BreakerSnapshot } from './core/snapshot.ts';
import { clientMaker } from './fallback/call-source.ts';
import { createFallbacks } from './fallback/create-fallbacks.ts';
import { FallbackClients } from './fallback/fallback-clients.ts';
import { loadProtoFiles } from './fallback/proto-files.ts';
import { Attachment } from './grpc/attach.ts';
import type { FallbackClient } from './policy/fallback-call-options.ts';
import { MethodDefinitions, type ServiceSource } from './policy/method-definitions.ts';
import { MethodMatcher } from './policy/method-matcher.ts';
import { guardObserver, NO_OBSERVER } from './policy/observers.ts';
import { checkPolicy, type Policy } from './policy/policy.ts';
import { folderOf, originOf } from './policy/policy-origin.ts';
import type { WarningHandler } from './policy/ports.ts';
import { type NamedFunctions, Registered } from './policy/registered.ts';
import { BreakerRegistry } from './policy/registry.ts';
import type { PrometheusSource, Signal, SignalEvent, SignalStatus } from './policy/signal.ts';
import { SignalHub } from './policy/signal-hub.ts';
import { findSignals } from './policy/signal-watches.ts';
import { systemClock, wallClockNow } from './system-clock.ts';
import { Telemetry, type TelemetryOptions } from './telemetry/telemetry.ts';
import { safely, warn } from './warn.ts';

/** What `subscribe` of {@link Breakers} hears: changes of breakers, and of the signals that they listen to. Tell them apart by `type`. */
export type BreakersEvent = BreakerEvent | SignalEvent;

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
  /** Hears what was kept away from calls: a listener, a fallback or a key function that threw. @default a process warning */
  onWarning?: WarningHandler;
  /** Where time is read from. @default the process's monotonic clock */
  clock?: Clock;
  /** Random numbers from 0 to 1, for jitter. @default Math.random */
  random?: () => number;
}

/** The breakers of one policy. Made by {@link createBreakers}. */
export interface Breakers {
  /**
   * The options that protect a client of a target, to be passed to its constructor. Calls with interceptors of their own stay protected.
   * @param target - the address that the client is made with; it is part of the breakers' names
   * @param options - your own client options, which are kept
   */
  clientOptions(target: string, options?: ClientOptions): ClientOptions;
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
  /** How the outside signals stand that the policy names. */
  signals(): SignalStatus[];
  /**
   * Ends their telemetry (open spans end, and their series fall to 0), their signals, and the clients of fallback calls. Your clients keep working,
   * and stay protected.
   */
  dispose(): void;
}

/**
 * Makes the breakers of a policy.
 * @param policy - the policy, in code or from `loadPolicy`
 * @param options - services, telemetry and the like
 * @throws ConfigError with every problem in the policy; nothing is half applied
 */
export function createBreakers(policy: Policy = {}, options: BreakersOptions = {}): Breakers {
  const { clock = systemClock, random = Math.random } = options;
  const onWarning = safely(options.onWarning ?? warn);
  const { value: read, problems: policyProblems } = checkPolicy(policy);
  const problems = [...policyProblems];
  const registered = new Registered(options.functions ?? {}, options.clients ?? {}, problems);
  const parsed = { ...read, methods: registered.resolve(read.methods) };
  const definitions = new MethodDefinitions(options.services ?? []);
  const files = loadProtoFiles(parsed.protos, folderOf(policy));
  definitions.addFromFiles(files.services);
  const matcher = new MethodMatcher(parsed);
  const clients = new FallbackClients(clientMaker((target, given) => attachment.clientOptions(target, given)));
  const fallbacks = createFallbacks({
    definitions,
    matcher,
    policies: parsed.methods,
    registered,
    clients,
    clock,
    wallClockNow,
    onWarning,
  });
  const signals = findSignals(parsed, options);
  problems.push(
    ...files.problems,
    ...definitions.checkNames(parsed),
    ...definitions.checkStreams(parsed),
    ...fallbacks.problems,
    ...signals.problems,
  );
  if (problems.length > 0) throw new ConfigError(originOf(policy), problems);

  const telemetry = options.telemetry === false ? undefined : new Telemetry(options.telemetry ?? {}, onWarning);
  const onListenerError = (error: unknown, event: BreakersEvent) => {
    const whose = event.type === 'signal' ? `signal ${event.signal}` : `breaker ${event.breaker}`;
    onWarning(`a listener failed on the ${event.type} event of ${whose}`, error);
  };
  const events = new EventQueue<BreakersEvent>(onListenerError);
  // Listeners are the user's: the call that made the event gets its status first.
  const tell = (event: BreakersEvent) => void setImmediate(() => events.emit(event));
  const registry = new BreakerRegistry(parsed.maxBreakers, {
    clock,
    random,
    onEvent: (event) => {
      telemetry?.onEvent(event);
      tell(event);
    },
    onListenerError,
  });
  telemetry?.observe(registry);
  const hub = new SignalHub(signals.watches, registry, clock, onWarning, tell);
  telemetry?.observeSignals(() => hub.list());
  const observer = telemetry === undefined ? NO_OBSERVER : guardObserver(telemetry, onWarning);
  const attachment: Attachment = new Attachment({
    registry,
    observer,
    clock,
    wallClockNow,
    matcher,
    findFallback: fallbacks.find,
    onWarning,
  });

  return {
    clientOptions: (target, clientOptions = {}) => attachment.clientOptions(target, clientOptions),
    interceptor: (target) => attachment.interceptor(target),
    get: (name) => registry.get(name)?.breaker,
    list: () => Array.from(registry.list(), ({ breaker }) => breaker),
    snapshot: () => Array.from(registry.list(), ({ breaker }) => breaker.snapshot()),
    subscribe: (listener) => events.add(listener),
    signals: () => hub.list(),
    dispose: () => {
      hub.dispose();
      clients.close();
      telemetry?.dispose();
    },
  };
}
