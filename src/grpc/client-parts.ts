import type { Client, ClientOptions } from '@grpc/grpc-js';
import { isOurs } from './attach.ts';

/** The options of a client that are about interceptors. */
export type InterceptorSettings = Pick<ClientOptions, 'interceptors' | 'interceptor_providers' | 'callInvocationTransformer'>;

/** Where a class of clients keeps them: grpc-js does so under symbols of its own. */
type Places = Readonly<Record<keyof InterceptorSettings, symbol>>;

type ClientClass = new (address: string, credentials: unknown, options: ClientOptions) => Client;

/** Each copy of grpc-js in a process has symbols of its own. */
const placesOf = new WeakMap<ClientClass, Places>();

/**
 * Gives a client that exists already other interceptors. One that has an interceptor of this package's stays as it is.
 * @param change - gets those that it has, and returns those that it is to have
 * @throws TypeError for what is no client of grpc-js
 */
export function changeInterceptors(client: Client, change: (settings: InterceptorSettings) => InterceptorSettings): void {
  const ClientBase = classOf(client);
  const places = placesOf.get(ClientBase) ?? findPlaces(ClientBase);
  placesOf.set(ClientBase, places);
  const parts = client as unknown as Record<symbol, unknown>;
  const { interceptors, interceptor_providers: providers, callInvocationTransformer } = places;
  const own = { interceptors: parts[interceptors], interceptor_providers: parts[providers] } as InterceptorSettings;
  const transform = parts[callInvocationTransformer] as InterceptorSettings['callInvocationTransformer'];
  // A client that was made without providers has an empty list of them, which is none.
  const given: InterceptorSettings = {
    ...((own.interceptors?.length ?? 0) > 0 && { interceptors: own.interceptors }),
    ...((own.interceptor_providers?.length ?? 0) > 0 && { interceptor_providers: own.interceptor_providers }),
    ...(transform !== undefined && { callInvocationTransformer: transform }),
  };
  if (given.interceptors?.some(isOurs) === true || given.interceptor_providers?.some(isOurs) === true) return;
  const changed = change(given);
  parts[interceptors] = changed.interceptors ?? [];
  parts[providers] = changed.interceptor_providers ?? [];
  parts[callInvocationTransformer] = changed.callInvocationTransformer;
}

/** The channel of a client. @throws TypeError for what is no client of grpc-js */
export function channelOf(client: Client): object {
  classOf(client);
  return client.getChannel();
}

/** The class `Client` of the copy of grpc-js that a client comes from. */
function classOf(client: unknown): ClientClass {
  let prototype: object | null = typeof client === 'object' && client !== null ? Object.getPrototypeOf(client) : null;
  while (prototype !== null && !Object.hasOwn(prototype, 'makeUnaryRequest')) prototype = Object.getPrototypeOf(prototype);
  if (prototype === null) throw new TypeError(NO_CLIENT);
  return (prototype as { constructor: ClientClass }).constructor;
}

const NO_CLIENT =
  'protect was given something that is no client of @grpc/grpc-js; expected what `new Service(target, credentials)` gave. Of a NestJS ClientGrpc pass ' +
  'getClientByServiceName(name), of a google-gax client the stub, awaited: await client.<service>Stub. Where the client is kept inside, as nice-grpc and ' +
  'others do, start the process with --import grpc-breaker/register';

/** Makes clients with marks in place of options, and looks where the marks come to stand. They have no channel, so they do nothing. */
function findPlaces(ClientBase: ClientClass): Places {
  const interceptors: ClientOptions['interceptors'] = [];
  const providers: ClientOptions['interceptor_providers'] = [];
  const transformer: NonNullable<ClientOptions['callInvocationTransformer']> = (properties) => properties;
  const channelOverride = { close: () => undefined } as unknown as NonNullable<ClientOptions['channelOverride']>;
  const make = (options: ClientOptions) => new ClientBase('127.0.0.1:1', {}, { ...options, channelOverride });
  const one = make({ interceptors, callInvocationTransformer: transformer });
  const other = make({ interceptor_providers: providers });
  return {
    interceptors: placeOf(interceptors, one),
    interceptor_providers: placeOf(providers, other),
    callInvocationTransformer: placeOf(transformer, one),
  };
}

function placeOf(mark: unknown, client: Client): symbol {
  const parts = client as unknown as Record<symbol, unknown>;
  const found = Object.getOwnPropertySymbols(client).find((symbol) => parts[symbol] === mark);
  if (found === undefined) {
    throw new TypeError(
      'this version of @grpc/grpc-js keeps the interceptors of a client where they cannot be found; pass breakers.clientOptions(target) to its constructor',
    );
  }
  return found;
}
