import type { ConfigProblem } from '../core/errors.ts';
import { type FailureWhen, fieldPredicate } from './failure-when.ts';
import type { FallbackClient } from './fallback-call-options.ts';
import { functionKey, type KeyFunction } from './key-spec.ts';
import type { Classify } from './method-options.ts';
import { nearestName } from './nearest-name.ts';
import type { MethodPolicy } from './parsed-policy.ts';

/** Functions that a policy may name. Which arguments they get is said where a policy names them. */
// biome-ignore lint/suspicious/noExplicitAny: each place in a policy has its own arguments.
export type NamedFunctions = Readonly<Record<string, (...args: any[]) => any>>;

/** What code registers under names, so that a policy can be a document. Unknown names become problems. */
export class Registered {
  readonly #functions: NamedFunctions;
  readonly #clients: Readonly<Record<string, FallbackClient>>;
  readonly #problems: ConfigProblem[];

  /** @param problems - gets what is wrong with a name */
  constructor(functions: NamedFunctions, clients: Readonly<Record<string, FallbackClient>>, problems: ConfigProblem[]) {
    this.#functions = functions;
    this.#clients = clients;
    this.#problems = problems;
  }

  /** A function of the policy's, or the one of that name; undefined without one, and where the name is not known. */
  function<T>(value: T | string | undefined, path: string): T | undefined {
    if (typeof value !== 'string') return value;
    const found = ownValue(this.#functions, value);
    if (typeof found === 'function') return found as T;
    if (Object.hasOwn(this.#functions, value)) this.#refuseKind(path, 'function', value, 'a function');
    else this.#refuse(path, 'function', value, Object.keys(this.#functions), 'createBreakers(policy, { functions: { ... } })');
    return undefined;
  }

  /** A client of the policy's, or the one of that name; undefined where the name is not known. */
  client(value: FallbackClient | string, path: string): FallbackClient | undefined {
    if (typeof value !== 'string') return value;
    const found = ownValue(this.#clients, value);
    if (isClient(found)) return found;
    if (Object.hasOwn(this.#clients, value)) this.#refuseKind(path, 'client', value, '{ target, credentials }');
    else
      this.#refuse(
        path,
        'client',
        value,
        Object.keys(this.#clients),
        'createBreakers(policy, { clients: { ... } }), or add it to "clients" of the policy',
      );
    return undefined;
  }

  /** The policies with the functions that they name. */
  resolve(policies: readonly MethodPolicy[]): MethodPolicy[] {
    return policies.map((policy) => {
      const { named, path, key } = policy;
      if (named.classify === undefined && named.failureWhen === undefined && key.name === undefined) return policy;
      const field = named.failureWhen === undefined ? undefined : fieldPredicate(named.failureWhen);
      const makeKey = this.function<KeyFunction>(key.name, `${path}.key`);
      return {
        ...policy,
        key: makeKey === undefined ? key : functionKey(makeKey),
        classify: policy.classify ?? this.function<Classify>(named.classify, `${path}.classify`),
        failureWhen: policy.failureWhen ?? field ?? this.function<FailureWhen>(named.failureWhen, `${path}.failureWhen`),
      };
    });
  }

  #refuseKind(path: string, what: string, name: string, expected: string): void {
    this.#problems.push({ path, message: `names the ${what} "${name}", which is registered but is none; expected ${expected}` });
  }

  #refuse(path: string, what: string, name: string, known: readonly string[], how: string): void {
    const nearest = nearestName(name, known);
    const there = known.length === 0 ? `none is registered; pass it: ${how}` : `registered are ${known.join(', ')}`;
    const hint = nearest === undefined ? there : `did you mean "${nearest}"?`;
    this.#problems.push({ path, message: `names the ${what} "${name}", which is not registered; ${hint}` });
  }
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isClient(value: unknown): value is FallbackClient {
  const { target, credentials } = (value ?? {}) as { readonly target?: unknown; readonly credentials?: unknown };
  return typeof target === 'string' && target !== '' && typeof credentials === 'object' && credentials !== null;
}
