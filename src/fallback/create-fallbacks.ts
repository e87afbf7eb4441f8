import type { ConfigProblem } from '../core/errors.ts';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import type { Fallback, FallbackFinder } from '../policy/ports.ts';
import { findCycles } from './call-cycles.ts';
import { FallbackChain } from './chain.ts';
import { createSources } from './create-sources.ts';
import type { FallbackParts } from './fallback-parts.ts';

/** The fallbacks of all methods, and what is wrong with them. */
export interface CreatedFallbacks {
  readonly find: FallbackFinder;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Makes the fallbacks of every registered method whose policy has one, and checks their messages against the method's response type. Methods
 * that are not registered get theirs when they are first called: theirs need no types.
 */
export function createFallbacks(parts: FallbackParts): CreatedFallbacks {
  const { definitions, matcher, policies } = parts;
  const fallbacks = new Map<string, Fallback | undefined>();
  const problems: ConfigProblem[] = [...findCycles(policies, definitions, matcher)];
  for (const [method] of definitions.list()) fallbacks.set(method, createFallback(method, parts, problems));
  problems.push(...strayMethods(policies, matcher));
  const find: FallbackFinder = (method) => {
    if (!fallbacks.has(method)) fallbacks.set(method, createFallback(method, parts, []));
    return fallbacks.get(method);
  };
  return { find, problems };
}

function createFallback(method: string, parts: FallbackParts, problems: ConfigProblem[]): Fallback | undefined {
  const { clock, onWarning, matcher } = parts;
  const policy = matcher.find(method);
  if (policy?.fallback === undefined) return undefined;
  const { sources, memories } = createSources(policy.fallback, policy, method, parts, problems);
  return new FallbackChain(policy.fallback.on, sources, memories, { method, clock, onWarning });
}

/** Sources that are for a method which their policy is not for: they would never be asked. */
function strayMethods(policies: readonly MethodPolicy[], matcher: MethodMatcher): ConfigProblem[] {
  return policies.flatMap((policy) =>
    (policy.fallback?.sources ?? []).flatMap(({ method }, index): ConfigProblem[] => {
      if (method === undefined || matcher.find(method) === policy) return [];
      const path = `${policy.path}.fallback.sources[${index}].method`;
      return [
        { path, message: `is ${method}, which is not a method of this policy; move the source to the policy that names it` },
      ];
    }),
  );
}
