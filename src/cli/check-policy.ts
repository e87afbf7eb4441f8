import { type ConfigProblem, isConfigError } from '../core/errors.ts';
import { DocumentClients } from '../fallback/document-clients.ts';
import { FallbackClients } from '../fallback/fallback-clients.ts';
import { makePlan } from '../make-plan.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { MethodDefinitions, type ServiceSource } from '../policy/method-definitions.ts';
import type { ParsedPolicy } from '../policy/parsed-policy.ts';
import { type Policy, checkPolicy as readPolicyOptions } from '../policy/policy.ts';
import { withLines } from '../policy/policy-origin.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Signal } from '../policy/signal.ts';
import { systemClock } from '../system-clock.ts';
import { anything, type NeededNames } from './anything.ts';
import { type CoveredMethod, policyCoverage } from './policy-coverage.ts';
import { readInput, STANDARD_INPUT } from './read-input.ts';

/** What was found out about a policy. */
export interface CheckedPolicy {
  /** As it was given; `<stdin>` for the standard input. */
  readonly file: string;
  /** What is wrong, in the order of the document. */
  readonly problems: readonly ConfigProblem[];
  /** What only code can tell. */
  readonly notes: readonly ConfigProblem[];
  /** How many policies are in it; 0 where it cannot be read. */
  readonly policies: number;
  /** What code has to register for it. */
  readonly needs: NeededNames;
  /** Where it was laid over services: each of their methods. */
  readonly methods: readonly CoveredMethod[] | undefined;
}

const NOTHING: NeededNames = { functions: [], clients: [], signals: [], prometheus: false };

/** Services of --against: they are in code, or in the policy's own files. */
const UNKNOWN_SERVICE = /is not registered, so its messages (cannot be checked|are not known); (?!did you mean)/;

/**
 * Checks a policy as far as that goes without the code that uses it: what code registers under names is taken to be there.
 * @param file - its path, or that of the standard input
 * @param spellings - services that it is laid over, in each of the ways in which the stubs of the code may call their fields: one is enough; undefined for none
 */
export function checkPolicyFile(file: string, spellings: readonly (readonly ServiceSource[])[] | undefined): CheckedPolicy {
  try {
    const policy = load(file);
    const [first = checkWhole(policy, undefined), ...others] = (spellings ?? []).map((services) => checkWhole(policy, services));
    const fewest = others.reduce((best, one) => (one.problems.length < best.problems.length ? one : best), first);
    return { file, ...fewest };
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return { file, problems: error.problems, notes: [], policies: 0, needs: NOTHING, methods: undefined };
  }
}

function load(file: string): Policy {
  if (file !== STANDARD_INPUT) return loadPolicy(file);
  return readPolicy(readInput(file), { what: 'the standard input', env: process.env });
}

function checkWhole(policy: Policy, services: readonly ServiceSource[] | undefined): Omit<CheckedPolicy, 'file'> {
  const functions = anything(() => undefined);
  const { value } = readPolicyOptions(policy);
  const clients = clientsOfCode(value);
  const quiet: Signal = { subscribe: () => () => undefined };
  const signals = anything(quiet);
  const found = problemsOf(() => {
    makePlan(policy, {
      options: {
        functions: functions.record,
        clients: Object.fromEntries(clients.map((name) => [name, { target: 'in code', credentials: {} as never }])),
        signals: signals.record,
        prometheus: { signal: () => quiet },
        services: services ?? [],
      },
      clients: new FallbackClients(() => {
        throw new Error('nothing is called here');
      }),
      documentClients: new DocumentClients(),
      clock: systemClock,
      onWarning: () => undefined,
    });
  });
  const coverage = services === undefined ? undefined : policyCoverage(value, new MethodDefinitions(services));
  const strays = withLines(policy, coverage?.strays ?? []);
  // Of a service that is in no file, that is what there is to say.
  const told = found.filter((problem) => !strays.some(({ path, line }) => path === problem.path && line === problem.line));
  const isNote = ({ message }: ConfigProblem) => UNKNOWN_SERVICE.test(message) && services === undefined;
  const names = (set: ReadonlySet<string>) => [...set].toSorted();
  return {
    problems: [...told.filter((problem) => !isNote(problem)), ...strays].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    notes: told.filter(isNote),
    policies: value.methods.length,
    needs: {
      functions: names(functions.names),
      clients,
      signals: names(signals.names),
      prometheus: value.methods.some(({ signals: own }) => own.prometheus !== undefined),
    },
    methods: coverage?.methods,
  };
}

/** Clients that the policy names and does not bring itself. */
function clientsOfCode({ methods, clients }: ParsedPolicy): string[] {
  const named = methods.flatMap(({ fallback }) => fallback?.sources.map(({ call }) => call?.client) ?? []);
  const names = named.filter((client) => typeof client === 'string');
  return [...new Set(names)].filter((name) => !Object.hasOwn(clients, name)).toSorted();
}

function problemsOf(work: () => void): readonly ConfigProblem[] {
  try {
    work();
    return [];
  } catch (error) {
    if (isConfigError(error)) return error.problems;
    throw error;
  }
}
