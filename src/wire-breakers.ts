import type { Breakers, BreakersEvent, BreakersOptions } from './breakers.ts';
import { ConfigError, type ConfigProblem } from './core/errors.ts';
import { EventQueue } from './core/events.ts';
import { clientMaker } from './fallback/call-source.ts';
import { DocumentClients } from './fallback/document-clients.ts';
import { FallbackClients } from './fallback/fallback-clients.ts';
import { Attachment } from './grpc/attach.ts';
import { targetOf } from './grpc/channel-target.ts';
import { changeInterceptors, channelOf } from './grpc/client-parts.ts';
import { makePlan, type Plan } from './make-plan.ts';
import { describeEntry } from './policy/breaker-info.ts';
import { guardObserver, NO_OBSERVER } from './policy/observers.ts';
import type { Policy } from './policy/policy.ts';
import { policyChanges } from './policy/policy-changes.ts';
import type { PolicyEvent } from './policy/policy-event.ts';
import { originOf } from './policy/policy-origin.ts';
import { BreakerRegistry } from './policy/registry.ts';
import { SignalHub } from './policy/signal-hub.ts';
import { isWatchedPolicy, type WatchedPolicy } from './policy/watched-policy.ts';
import { systemClock, wallClockNow } from './system-clock.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { safely, warn } from './warn.ts';

/** Breakers, and what of their inside the package itself needs. */
export interface Wired {
  readonly breakers: Breakers;
  readonly attachment: Attachment;
  /** A policy names the service of a method, `pkg.Service/Method`. */
  readonly isNamed: (method: string) => boolean;
}

/**
 * As `createBreakers`, which says what is what.
 * @param onPolicyEvent - hears policies come, without being a listener: for listeners events of calls are made, too
 */
export function wireBreakers(
  given: Policy | WatchedPolicy,
  options: BreakersOptions,
  onPolicyEvent?: (event: PolicyEvent) => void,
): Wired {
  const { clock = systemClock, random = Math.random, record: recorder } = options;
  const onWarning = safely(options.onWarning ?? warn);
  const watched = isWatchedPolicy(given) ? given : undefined;
  const clients = new FallbackClients(clientMaker((target, own) => attachment.clientOptions(target, own)));
  const documentClients = new DocumentClients();
  const parts = { options, clients, documentClients, clock, onWarning };
  let plan: Plan = makePlan(watched === undefined ? (given as Policy) : watched.policy, parts);

  recorder?.begin({ clock, wallClockNow, onWarning });
  const telemetry = options.telemetry === false ? undefined : new Telemetry(options.telemetry ?? {}, onWarning);
  const events = new EventQueue<BreakersEvent>((error, event) => {
    onWarning(`a listener failed on the ${event.type} event of ${subjectOf(event)}`, error);
  });
  // Listeners are the user's: the call that made the event gets its status first.
  const tell = (event: BreakersEvent) => void setImmediate(() => events.emit(event));
  const registry = new BreakerRegistry(plan.maxBreakers, {
    clock,
    random: recorder?.drawing(random) ?? random,
    onEvent: (event) => {
      recorder?.event(event);
      const traceId = telemetry?.onEvent(event);
      tell(event.type === 'transition' ? { ...event, traceId } : event);
    },
    onListenerError: (error, event) => onWarning(`telemetry failed on the ${event.type} event of ${event.breaker}`, error),
  });
  telemetry?.observe(registry);
  const hub = new SignalHub(plan.watches, registry, clock, onWarning, tell);
  telemetry?.observeSignals(() => hub.list());
  const observer = telemetry === undefined ? NO_OBSERVER : guardObserver(telemetry, onWarning);
  const { matcher, findFallback } = plan;
  const attachment: Attachment = new Attachment({
    registry,
    observer,
    clock,
    wallClockNow,
    matcher,
    findFallback,
    onWarning,
    recorder,
    shadow: {
      get isHeard() {
        return events.isHeard;
      },
      tell,
    },
  });

  /** What the plan before has, and this one does not need, is given up. */
  const settle = (): void => {
    plan.stores.settle();
    documentClients.settle(plan.made);
    clients.retain(plan.needed);
  };
  settle();
  const apply = (policy: Policy): PolicyEvent => {
    const next = makePlan(policy, parts, plan);
    const changes = policyChanges(plan.document, next.document);
    plan = next;
    settle();
    const { kept, ended } = registry.adopt((method) => next.matcher.find(method), next.maxBreakers, next.methods);
    attachment.adopt(next.matcher, next.findFallback);
    hub.adopt(next.watches);
    const event = { type: 'policy', result: 'applied', source: originOf(policy), changes, problems: [], kept, ended } as const;
    return { ...event, atMs: clock.now() };
  };
  const tellPolicy = (event: PolicyEvent): void => {
    recorder?.event(event);
    telemetry?.onPolicyEvent(event);
    onPolicyEvent?.(event);
    tell(event);
  };
  const refuse = (source: string, problems: readonly ConfigProblem[]): void => {
    const event = { type: 'policy', result: 'refused', source, changes: [], problems, ended: 0 } as const;
    tellPolicy({ ...event, kept: [...registry.list()].length, atMs: clock.now() });
  };
  let isApplying = false;
  const reload = (policy: Policy): PolicyEvent => {
    // A breaker's own listeners hear it change in the middle of it.
    if (isApplying)
      throw new Error('another policy is being applied in this very turn; reload in a later one: setImmediate(() => ...)');
    isApplying = true;
    try {
      const event = apply(policy);
      tellPolicy(event);
      return event;
    } catch (error) {
      if (error instanceof ConfigError) refuse(originOf(policy), error.problems);
      throw error;
    } finally {
      isApplying = false;
    }
  };
  const unwatch = watched?.subscribe({
    changed: (policy) => {
      try {
        reload(policy);
      } catch (error) {
        if (!(error instanceof ConfigError)) onWarning('a policy could not be reloaded; the one before it holds', error);
      }
    },
    refused: (problems) => refuse(`policy ${watched.file}`, problems),
  });

  const breakers: Breakers = {
    get policy() {
      return plan.policy;
    },
    reload,
    clientOptions: (target, clientOptions = {}) => attachment.clientOptions(target, clientOptions),
    interceptor: (target) => attachment.interceptor(target),
    protect: (client, target = targetOf(channelOf(client))) => {
      changeInterceptors(client, (settings) => attachment.clientOptions(target, settings));
      return client;
    },
    get: (name) => registry.get(name)?.breaker,
    list: () => Array.from(registry.list(), ({ breaker }) => breaker),
    snapshot: () => Array.from(registry.list(), ({ breaker }) => breaker.snapshot()),
    describe: (names) => {
      const entries = names === undefined ? [...registry.list()] : names.flatMap((name) => registry.get(name) ?? []);
      return entries.map((entry) => describeEntry(entry, telemetry?.traceIdOf(entry)));
    },
    subscribe: (listener) => events.add(listener),
    signals: () => hub.list(),
    dispose: () => {
      unwatch?.();
      hub.dispose();
      clients.close();
      telemetry?.dispose();
    },
  };
  const isNamed = (method: string): boolean => {
    const service = method.slice(0, method.lastIndexOf('/'));
    return plan.matcher.find(method)?.names.some((name) => name.service === service) === true;
  };
  return { breakers, attachment, isNamed };
}

function subjectOf(event: BreakersEvent): string {
  if (event.type === 'policy') return event.source;
  return event.type === 'signal' ? `signal ${event.signal}` : `breaker ${event.breaker}`;
}
