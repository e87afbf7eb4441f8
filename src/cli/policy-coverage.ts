import type { ConfigProblem } from '../core/errors.ts';
import type { MethodDefinitions } from '../policy/method-definitions.ts';
import { nearestName } from '../policy/nearest-name.ts';
import type { ParsedPolicy } from '../policy/parsed-policy.ts';

/** Which policy a method has, and by which name. */
export interface CoveredMethod {
  /** `pkg.Service/Method`. */
  readonly method: string;
  /** The place of its policy, such as `methods[0]`; null where it has none. */
  readonly policy: string | null;
  /** What named it: itself, its service, or the policy for every method; null where nothing did. */
  readonly by: 'method' | 'service' | 'default' | null;
}

/** How a policy and some services fit together. */
export interface Coverage {
  readonly methods: readonly CoveredMethod[];
  /** Names in the policy whose service is unknown. */
  readonly strays: readonly ConfigProblem[];
}

/** Lays a policy over services: methods that it does not name, names that there are no methods for. */
export function policyCoverage(policy: ParsedPolicy, definitions: MethodDefinitions): Coverage {
  const methods = [...definitions.list()].map(([method]) => method).toSorted();
  const places = new Map<string, string>();
  for (const { path, names } of policy.methods) {
    for (const { service, method } of names) places.set(`${service ?? ''}/${method ?? ''}`, path);
  }
  const covered = methods.map((method): CoveredMethod => {
    const service = method.slice(0, method.lastIndexOf('/'));
    const found = ([by, name]: readonly ['method' | 'service' | 'default', string]) => {
      const place = places.get(name);
      return place === undefined ? [] : [{ method, policy: place, by }];
    };
    const ways = [
      ['method', method],
      ['service', `${service}/`],
      ['default', '/'],
    ] as const;
    return ways.flatMap(found)[0] ?? { method, policy: null, by: null };
  });
  return { methods: covered, strays: strayNames(policy, methods) };
}

/** Services of no file. Methods that a service does not have are found when the policy is read with these services. */
function strayNames(policy: ParsedPolicy, methods: readonly string[]): ConfigProblem[] {
  const services = [...new Set(methods.map((method) => method.slice(0, method.lastIndexOf('/'))))];
  return policy.methods.flatMap(({ path, names }) =>
    names.flatMap(({ service }, index): ConfigProblem[] => {
      if (service === undefined || services.includes(service)) return [];
      const nearest = nearestName(service, services);
      const hint = nearest === undefined ? `there are ${services.join(', ')}` : `did you mean ${nearest}?`;
      return [{ path: `${path}.name[${index}]`, message: `names ${service}, which is in none of the files; ${hint}` }];
    }),
  );
}
