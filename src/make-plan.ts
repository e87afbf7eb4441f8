import type { Client } from '@grpc/grpc-js';
import type { BreakersOptions } from './breakers.ts';
import type { Clock } from './core/clock.ts';
import { ConfigError } from './core/errors.ts';
import { AnswerStores } from './fallback/answer-store.ts';
import { createFallbacks } from './fallback/create-fallbacks.ts';
import type { DocumentClients, MadeClients } from './fallback/document-clients.ts';
import type { FallbackClients } from './fallback/fallback-clients.ts';
import { loadProtoFiles } from './fallback/proto-files.ts';
import type { FallbackClient } from './policy/fallback-call-options.ts';
import { MethodDefinitions } from './policy/method-definitions.ts';
import { MethodMatcher } from './policy/method-matcher.ts';
import { checkPolicy, type MethodPolicy, type Policy } from './policy/policy.ts';
import { documentInWords } from './policy/policy-changes.ts';
import { folderOf, originOf, withLines } from './policy/policy-origin.ts';
import type { FallbackFinder, WarningHandler } from './policy/ports.ts';
import { Registered } from './policy/registered.ts';
import { findSignals, type SignalWatch } from './policy/signal-watches.ts';
import { wallClockNow } from './system-clock.ts';

/** What is made from a policy, and holds for as long as the policy does. */
export interface Plan {
  readonly policy: Policy;
  /** The same, as a document of its own. */
  readonly document: Policy;
  readonly maxBreakers: number;
  readonly methods: readonly MethodPolicy[];
  readonly matcher: MethodMatcher;
  readonly findFallback: FallbackFinder;
  readonly watches: readonly SignalWatch[];
  readonly stores: AnswerStores;
  /** The clients that its document brings. */
  readonly made: MadeClients;
  /** The clients that its fallback calls are made with. */
  readonly needed: ReadonlySet<FallbackClient>;
}

/** What plans are made with, and what outlives them. */
export interface PlanParts {
  readonly options: BreakersOptions;
  readonly clients: FallbackClients<Client>;
  readonly documentClients: DocumentClients;
  readonly clock: Clock;
  readonly onWarning: WarningHandler;
}

/**
 * Reads a policy and makes all that it asks for. Nothing begins to work yet.
 * @param before - the plan that holds until now: good answers that are stored go over
 * @throws ConfigError with every problem in the policy
 */
export function makePlan(policy: Policy, parts: PlanParts, before?: Plan): Plan {
  const { options, clients, documentClients, clock, onWarning } = parts;
  const { value: read, problems: policyProblems } = checkPolicy(policy);
  const problems = [...policyProblems];
  const made = documentClients.make(read.clients, folderOf(policy), Object.keys(options.clients ?? {}));
  const registered = new Registered(options.functions ?? {}, { ...made.clients, ...options.clients }, problems);
  const parsed = { ...read, methods: registered.resolve(read.methods) };
  const definitions = new MethodDefinitions(options.services ?? []);
  const files = loadProtoFiles(parsed.protos, folderOf(policy));
  definitions.addFromFiles(files.services);
  const matcher = new MethodMatcher(parsed);
  const stores = new AnswerStores(before?.stores);
  const needed = new Set<FallbackClient>();
  const fallbacks = createFallbacks({
    definitions,
    matcher,
    policies: parsed.methods,
    registered,
    clients,
    needed,
    stores,
    clock,
    wallClockNow,
    onWarning,
  });
  const signals = findSignals(parsed, options);
  problems.push(
    ...made.problems,
    ...files.problems,
    ...definitions.checkNames(parsed),
    ...definitions.checkStreams(parsed),
    ...fallbacks.problems,
    ...signals.problems,
  );
  if (problems.length > 0) throw new ConfigError(originOf(policy), withLines(policy, problems));
  const { maxBreakers, methods } = parsed;
  const document = documentInWords(policy, options);
  return {
    policy,
    document,
    maxBreakers,
    methods,
    matcher,
    findFallback: fallbacks.find,
    watches: signals.watches,
    stores,
    made,
    needed,
  };
}
