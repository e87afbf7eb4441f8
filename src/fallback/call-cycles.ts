import type { ConfigProblem } from '../core/errors.ts';
import type { MethodDefinitions } from '../policy/method-definitions.ts';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { MethodPolicy } from '../policy/policy.ts';

/**
 * Methods whose fallback calls lead back to themselves over other methods. A call that is made as a fallback gets none of its own, so nothing could
 * run in circles; but who writes such a policy has something else in mind than what would happen. The same method on another client is no cycle.
 */
export function findCycles(
  policies: readonly MethodPolicy[],
  definitions: MethodDefinitions,
  matcher: MethodMatcher,
): ConfigProblem[] {
  const methods = new Set([...definitions.list()].map(([method]) => method));
  const next = (method: string): readonly string[] => {
    const sources = matcher.find(method)?.fallback?.sources ?? [];
    return sources.flatMap(({ call, method: own }) => (own === undefined || own === method ? (call?.method ?? []) : []));
  };
  return policies.flatMap((policy) =>
    (policy.fallback?.sources ?? []).flatMap(({ call, method: own }, index): ConfigProblem[] => {
      const to = call?.method;
      const isFor = (method: string) => matcher.find(method) === policy && (own === undefined || own === method);
      const from = [...methods].find((method) => isFor(method) && method !== to && leadsTo(method, to, next));
      if (to === undefined || from === undefined) return [];
      const way = [from, ...(wayTo(from, to, next) ?? [to])].join(' -> ');
      return [
        {
          path: `${policy.path}.fallback.sources[${index}].call.method`,
          message: `leads back to its own method: ${way}; drop one of these calls`,
        },
      ];
    }),
  );
}

/** Whether calls of a fallback that begin at `to` lead to `method`. */
function leadsTo(method: string, to: string | undefined, next: (method: string) => readonly string[]): boolean {
  return to !== undefined && wayTo(method, to, next) !== undefined;
}

/** The methods from `at` to `goal`, both included; undefined where there is no way. */
function wayTo(
  goal: string,
  at: string,
  next: (method: string) => readonly string[],
  seen = new Set<string>(),
): string[] | undefined {
  if (at === goal) return [at];
  if (seen.has(at)) return undefined;
  seen.add(at);
  for (const method of next(at)) {
    const rest = wayTo(goal, method, next, seen);
    if (rest !== undefined) return [at, ...rest];
  }
  return undefined;
}
