import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import { nearestName } from './nearest-name.ts';
import type { ParsedPolicy } from './policy.ts';

/** What is needed of a method's definition; every stub generator makes these fields. */
export interface MethodDefinition {
  /** `/pkg.Service/Method`. */
  readonly path: string;
  /** The caller sends many messages. */
  readonly requestStream: boolean;
  /** The server sends many messages. */
  readonly responseStream: boolean;
  /** A response message as bytes. */
  // biome-ignore lint/suspicious/noExplicitAny: the message type is the method's.
  readonly responseSerialize: (value: any) => Buffer;
  /** A request message as bytes. */
  // biome-ignore lint/suspicious/noExplicitAny: the message type is the method's.
  readonly requestSerialize: (value: any) => Buffer;
  /** A response message from bytes. */
  readonly responseDeserialize: (bytes: Buffer) => unknown;
  /** Descriptors, where the stubs are proto-loader's. */
  readonly responseType?: { readonly fileDescriptorProtos?: readonly Buffer[] };
}

/** A service definition (`Client.service`), or a client constructor that has one. */
export type ServiceSource =
  | Readonly<Record<string, MethodDefinition>>
  | { readonly service: Readonly<Record<string, MethodDefinition>> };

/** The methods of the services that code registered, by `pkg.Service/Method`. */
export class MethodDefinitions {
  readonly #methods = new Map<string, MethodDefinition>();
  readonly #fromFiles = new Map<string, MethodDefinition>();

  /** @throws ConfigError for something that is no service definition */
  constructor(services: readonly ServiceSource[]) {
    services.forEach((source, index) => this.#add(definitionsOf(source, index)));
  }

  /** Adds services that a policy names by their files. Those that code registered stay: they are the stubs that calls are made with. */
  addFromFiles(services: readonly ServiceSource[]): void {
    const registered = [...this.#methods];
    services.forEach((source, index) => this.#add(definitionsOf(source, index)));
    for (const [method, definition] of this.#methods) this.#fromFiles.set(method, definition);
    for (const [method, definition] of registered) this.#methods.set(method, definition);
  }

  #add(definitions: Readonly<Record<string, MethodDefinition>>): void {
    for (const definition of Object.values(definitions)) this.#methods.set(definition.path.replace(/^\//, ''), definition);
  }

  /** What to do about a method that is not registered. */
  hint(method: string): string {
    const nearest = nearestName(method, [...this.#methods.keys()]);
    return nearest === undefined ? REGISTER : `did you mean ${nearest}?`;
  }

  /** The definition of a method, undefined when its service was not registered. */
  get(method: string): MethodDefinition | undefined {
    return this.#methods.get(method);
  }

  /** What the messages in a policy are checked against: the files that it names, else the registered stubs. */
  forMessages(method: string): MethodDefinition | undefined {
    return this.#fromFiles.get(method) ?? this.#methods.get(method);
  }

  /** Every method, by `pkg.Service/Method`. */
  list(): Iterable<[string, MethodDefinition]> {
    return this.#methods;
  }

  /** Names in a policy that do not exist in a registered service, and names with a fallback whose service is not registered. */
  checkNames(policy: ParsedPolicy): ConfigProblem[] {
    const methods = [...this.#methods.keys()];
    const services = [...new Set(methods.map((method) => method.slice(0, method.lastIndexOf('/'))))];
    return policy.methods.flatMap((entry) =>
      entry.names.flatMap(({ service, method }, index): ConfigProblem[] => {
        const path = `${entry.path}.name[${index}]`;
        const known = service === undefined ? services.length > 0 : services.includes(service);
        if (!known) {
          // A status of one's own needs no types.
          if (entry.fallback?.sources.every(({ error }) => error !== undefined) !== false) return [];
          const nearest = service === undefined ? undefined : nearestName(service, services);
          const hint = nearest === undefined ? REGISTER : `did you mean ${nearest}?`;
          return [
            {
              path,
              message: `has a fallback, but ${service ?? 'no service'} is not registered, so its messages cannot be checked; ${hint}`,
            },
          ];
        }
        if (service === undefined || method === undefined || this.#methods.has(`${service}/${method}`)) return [];
        const own = methods.filter((name) => name.startsWith(`${service}/`)).map((name) => name.slice(service.length + 1));
        const nearest = nearestName(method, own);
        const hint = nearest === undefined ? `it has ${own.join(', ')}` : `did you mean ${nearest}?`;
        return [{ path: `${path}.method`, message: `${service} has no method ${method}; ${hint}` }];
      }),
    );
  }

  /** Options for single responses in policies that name a method with streamed ones, and the other way round. */
  checkStreams(policy: ParsedPolicy): ConfigProblem[] {
    return policy.methods.flatMap(({ names, path, staleAfterMs, stream }) =>
      names.flatMap(({ service, method }): ConfigProblem[] => {
        const definition = this.#methods.get(`${service ?? ''}/${method ?? ''}`);
        if (definition === undefined) return [];
        if (definition.responseStream && staleAfterMs < Infinity) {
          return [
            {
              path: `${path}.staleAfter`,
              message: `${service}/${method} streams its responses; expected stream.firstMessageWithin`,
            },
          ];
        }
        const limits = Math.min(stream.firstMessageWithinMs, stream.messageGapMs) < Infinity || stream.appends;
        if (definition.responseStream || !limits) return [];
        return [
          { path: `${path}.stream`, message: `${service}/${method} has a single response; expected deadline or staleAfter` },
        ];
      }),
    );
  }
}

const REGISTER =
  'pass its definition: createBreakers(policy, { services: [Client.service] }), or name its .proto file in the policy: protos: [...]';

function definitionsOf(source: ServiceSource, index: number): Readonly<Record<string, MethodDefinition>> {
  const inner = (source as { service?: unknown } | null | undefined)?.service;
  const definitions = typeof inner === 'object' && inner !== null && !('path' in inner) ? inner : source;
  const isService =
    typeof definitions === 'object' &&
    definitions !== null &&
    Object.values(definitions).every((definition) => typeof (definition as MethodDefinition | undefined)?.path === 'string');
  if (!isService) {
    throw new ConfigError('options', [
      {
        path: `services[${index}]`,
        message: 'is no service definition; expected Client.service, or the client constructor of proto-loader or grpc-tools',
      },
    ]);
  }
  return definitions as Readonly<Record<string, MethodDefinition>>;
}
