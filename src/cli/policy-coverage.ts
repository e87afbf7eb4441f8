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
  /** Names in the policy that match nothing. */
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

function strayNames(policy: ParsedPolicy, methods: readonly string[]): ConfigProblem[] {
  const known = new Set(methods);
  const services = [...new Set(methods.map((method) => method.slice(0, method.lastIndexOf('/'))))];
  return policy.methods.flatMap(({ path, names }) =>
    names.flatMap(({ service, method }, index): ConfigProblem[] => {
      if (service === undefined) return [];
      const at = `${path}.name[${index}]`;
      if (!services.includes(service))
        return [{ path: `${at}.service`, message: `${service} is in none of the files${hint(service, services)}` }];
      if (method === undefined || known.has(`${service}/${method}`)) return [];
      const own = methods.filter((name) => name.startsWith(`${service}/`)).map((name) => name.slice(service.length + 1));
      return [{ path: `${at}.method`, message: `${service} has no method ${method}${hint(method, own)}` }];
    }),
  );
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${nearest}?`;
}
