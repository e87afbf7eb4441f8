import type { Clock } from '../core/clock.ts';
import type { ConfigProblem } from '../core/errors.ts';
import type { FallbackConfig } from '../policy/fallback-options.ts';
import type { MethodDefinition, MethodDefinitions } from '../policy/method-definitions.ts';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { Fallback, FallbackFinder, WarningHandler } from '../policy/ports.ts';
import { FallbackChain } from './chain.ts';
import { FunctionSource } from './function-source.ts';
import { checkMessage } from './message-check.ts';
import { MessageCodec } from './message-codec.ts';
import { MessageSource } from './message-source.ts';
import type { FallbackSource } from './source.ts';

/** The fallbacks of all methods, and what is wrong with their messages. */
export interface CreatedFallbacks {
  readonly find: FallbackFinder;
  readonly problems: readonly ConfigProblem[];
}

/** Makes the fallbacks of every registered method whose policy has one, and checks their messages against the method's response type. */
export function createFallbacks(
  definitions: MethodDefinitions,
  matcher: MethodMatcher,
  clock: Clock,
  onWarning: WarningHandler,
): CreatedFallbacks {
  const fallbacks = new Map<string, Fallback>();
  const problems: ConfigProblem[] = [];
  for (const [method, definition] of definitions.list()) {
    const policy = matcher.find(method);
    if (policy?.fallback === undefined) continue;
    const sources = createSources(policy.fallback, `${policy.path}.fallback`, method, definition, problems);
    fallbacks.set(method, new FallbackChain(policy.fallback.on, sources, clock, onWarning));
  }
  return { find: (method) => fallbacks.get(method), problems };
}

function createSources(
  config: FallbackConfig,
  path: string,
  method: string,
  definition: MethodDefinition,
  problems: ConfigProblem[],
): FallbackSource[] {
  const codec = new MessageCodec(definition);
  return config.sources.map(({ name, when, ...source }, index) => {
    if (source.function !== undefined) return new FunctionSource(name, when, source.function, codec, definition.responseStream);
    const at = `${path}.sources[${index}]`;
    if (source.messages !== undefined && !definition.responseStream) {
      problems.push({ path: `${at}.messages`, message: `${method} has a single response; expected "message"` });
    }
    const given = source.messages ?? [source.message];
    const encoded = given.flatMap((message, place) => {
      const where = source.messages === undefined ? `${at}.message` : `${at}.messages[${place}]`;
      const checked = checkMessage(codec, message, where);
      if ('bytes' in checked) return [checked.bytes];
      problems.push(
        ...checked.problems.map((problem) => ({ ...problem, message: `${problem.message} (response of ${method})` })),
      );
      return [];
    });
    return new MessageSource(name, when, encoded);
  });
}
