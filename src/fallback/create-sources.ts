import type { ConfigProblem } from '../core/errors.ts';
import type { FallbackConfig, FallbackSourceConfig } from '../policy/fallback-options.ts';
import type { LastGoodKeyFunction } from '../policy/last-good-options.ts';
import type { MethodDefinition } from '../policy/method-definitions.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import { CallSource } from './call-source.ts';
import { culpritPath } from './culprit.ts';
import { ErrorSource } from './error-source.ts';
import type { FallbackParts } from './fallback-parts.ts';
import { FunctionSource } from './function-source.ts';
import { lacksField } from './key-fields.ts';
import { LastGoodSource } from './last-good-source.ts';
import { checkMessage } from './message-check.ts';
import { MessageCodec } from './message-codec.ts';
import { MessageSource } from './message-source.ts';
import type { FallbackSource } from './source.ts';

/** The sources of a method, in order. */
export interface CreatedSources {
  readonly sources: readonly FallbackSource[];
  /** Those that store answers. */
  readonly memories: readonly LastGoodSource[];
}

/** What the sources of one method are made with. */
interface Making {
  readonly parts: FallbackParts;
  readonly policy: MethodPolicy;
  /** `pkg.Service/Method`. */
  readonly method: string;
  readonly definition: MethodDefinition | undefined;
  readonly memories: LastGoodSource[];
  readonly problems: ConfigProblem[];
}

/** Makes the sources of a method. What is wrong with one becomes a problem, and leaves it out. */
export function createSources(
  config: FallbackConfig,
  policy: MethodPolicy,
  method: string,
  parts: FallbackParts,
  problems: ConfigProblem[],
): CreatedSources {
  const memories: LastGoodSource[] = [];
  const making: Making = { parts, policy, method, definition: parts.definitions.get(method), memories, problems };
  const sources = config.sources.flatMap((source, index) => {
    if (source.method !== undefined && source.method !== method) return [];
    return createSource(source, `${policy.path}.fallback.sources[${index}]`, making) ?? [];
  });
  return { sources, memories };
}

function createSource(source: FallbackSourceConfig, path: string, making: Making): FallbackSource | undefined {
  const { method, definition, parts } = making;
  const { error } = source;
  if (error !== undefined) return new ErrorSource(source, error, method.slice(0, method.lastIndexOf('/')));
  // Refused when the policy was loaded, see MethodDefinitions.checkNames.
  if (definition === undefined) return undefined;
  const codec = new MessageCodec(definition);
  if (source.function !== undefined) {
    const fn = parts.registered.function(source.function, `${path}.function`);
    return fn === undefined ? undefined : new FunctionSource(source, fn, codec, definition.responseStream);
  }
  if (source.lastGood !== undefined) return createLastGood(source, source.lastGood, codec, definition, path, making);
  if (source.call !== undefined) return createCall(source, source.call, definition, path, making);
  return createMessages(source, definition, path, making);
}

function createMessages(
  source: FallbackSourceConfig,
  definition: MethodDefinition,
  path: string,
  { method, problems, parts }: Making,
): FallbackSource {
  const codec = new MessageCodec(parts.definitions.forMessages(method) ?? definition);
  if (source.messages !== undefined && !definition.responseStream) {
    problems.push({ path: `${path}.messages`, message: `${method} has a single response; expected "message"` });
  }
  const given = source.messages ?? [source.message];
  const encoded = given.flatMap((message, place) => {
    const where = source.messages === undefined ? `${path}.message` : `${path}.messages[${place}]`;
    const checked = checkMessage(codec, message, where);
    if ('bytes' in checked) return [checked.bytes];
    for (const problem of checked.problems) {
      const at = problem.path === where ? culpritPath(message, where, (part) => codec.encode(part)) : problem.path;
      problems.push({ path: at, message: `${problem.message} (response of ${method})` });
    }
    return [];
  });
  return new MessageSource(source, encoded);
}

function createLastGood(
  source: FallbackSourceConfig,
  config: NonNullable<FallbackSourceConfig['lastGood']>,
  codec: MessageCodec,
  definition: MethodDefinition,
  path: string,
  making: Making,
): FallbackSource | undefined {
  const { method, memories, parts, problems } = making;
  const at = `${path}.lastGood`;
  if (definition.requestStream || definition.responseStream) {
    if (isNamed(making))
      problems.push({ path: at, message: `${method} has streams; a last good answer is for one request and one response` });
    return undefined;
  }
  const { key } = config;
  const question = typeof key === 'string' ? parts.registered.function<LastGoodKeyFunction>(key, `${at}.key`) : key;
  if (typeof key === 'string' && question === undefined) return undefined;
  if (Array.isArray(question) && isNamed(making)) {
    question.forEach(([field = ''], place) => {
      if (!lacksField(definition, field)) return;
      const message = `${field} is not a field of the request of ${method}; check its name, as the stubs (or the .proto file) spell it`;
      problems.push({ path: `${at}.key[${place}]`, message });
    });
  }
  const store = parts.stores.of(method, memories.length, config, question);
  const memory = new LastGoodSource(source, config, question, codec, parts.clock, memories.length, store);
  memories.push(memory);
  return memory;
}

function createCall(
  source: FallbackSourceConfig,
  config: NonNullable<FallbackSourceConfig['call']>,
  answered: MethodDefinition,
  path: string,
  making: Making,
): FallbackSource | undefined {
  const { method, parts, problems } = making;
  const at = `${path}.call`;
  const { registered, definitions, clients, wallClockNow } = parts;
  const client = registered.client(config.client, `${at}.client`);
  const toRequest = registered.function(config.request, `${at}.request`);
  const toResponse = registered.function(config.response, `${at}.response`);
  const target = config.method === undefined ? answered : definitions.get(config.method);
  const refuse = (where: string, message: string) => void problems.push({ path: where, message });
  if (target === undefined) {
    refuse(
      `${at}.method`,
      `${config.method} is not registered, so its messages are not known; ${definitions.hint(config.method ?? '')}`,
    );
  } else if (answered.requestStream || target.requestStream) {
    if (isNamed(making))
      refuse(at, `${(answered.requestStream ? answered : target).path.slice(1)} streams its requests; a fallback call has one`);
  } else if (answered.responseStream !== target.responseStream) {
    const kinds = answered.responseStream ? 'streams its responses, and' : 'has a single response, and';
    refuse(at, `${method} ${kinds} ${target.path.slice(1)} does not`);
  } else if (client !== undefined) {
    parts.needed.add(client);
    const { failureWhen } = parts.matcher.find(target.path.slice(1)) ?? {};
    return new CallSource(source, {
      ...{ config, client, clients, method: target, answered, toRequest, toResponse, failureWhen, wallClockNow },
    });
  }
  return undefined;
}

/** The policy names this very method, so that something that does not fit it is a mistake. */
function isNamed({ policy, method }: Making): boolean {
  return policy.names.some((name) => `${name.service ?? ''}/${name.method ?? ''}` === method);
}
