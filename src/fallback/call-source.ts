import { type CallOptions, type ChannelCredentials, Client, type ClientOptions, Metadata } from '@grpc/grpc-js';
import { FALLBACK_CALL } from '../policy/fallback-call-mark.ts';
import type { FallbackCallConfig, FallbackClient, RequestMapper, ResponseMapper } from '../policy/fallback-call-options.ts';
import { fallbackOf } from '../policy/fallback-info.ts';
import type { MethodDefinition } from '../policy/method-definitions.ts';
import type { FallbackCall } from '../policy/ports.ts';
import type { FallbackClients } from './fallback-clients.ts';
import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';
import type { SourceContext } from './source-context.ts';
import { firstAndRest } from './streamed-answer.ts';

/** An answer that must be awaited has this long, in milliseconds, where neither its caller nor its source says how long. */
const LONGEST_MS = 1_000;

/** What a fallback call is made with. */
export interface CallSourceParts {
  readonly config: FallbackCallConfig;
  readonly client: FallbackClient;
  readonly clients: FallbackClients<Client>;
  /** The method that answers, which may be the one that is answered. */
  readonly method: MethodDefinition;
  /** The method that is answered. */
  readonly answered: MethodDefinition;
  readonly toRequest: RequestMapper | undefined;
  readonly toResponse: ResponseMapper | undefined;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
}

/** Makes clients that are protected by the breakers of the policy. */
export function clientMaker(
  protect: (target: string, options: ClientOptions) => ClientOptions,
): (registered: FallbackClient) => Client {
  return ({ target, credentials, options = {} }) =>
    new Client(target, credentials as ChannelCredentials, protect(target, options));
}

/** Answers with another call: of the same or another method, on another client, through its own breaker and within a share of the time left. */
export class CallSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #parts: CallSourceParts;

  constructor({ name, when, timeoutMs }: SourceBasics, parts: CallSourceParts) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#parts = parts;
  }

  answer(call: FallbackCall, context: SourceContext): Promise<SourceAnswer> {
    const { config, client, clients, method, answered, toRequest, wallClockNow } = this.#parts;
    if (client.target === call.target && method.path === answered.path) {
      throw new Error(`it would ask the same method of the same target (${call.target}) again`);
    }
    const request = toRequest === undefined ? call.request : toRequest(call.request, context);
    const isSame = method.path === answered.path && toRequest === undefined;
    const bytes = isSame ? call.stubs.requestSerialize(request) : method.requestSerialize(request);
    const metadata = config.forwardMetadata ? (call.metadata as Metadata).clone() : new Metadata();
    const { deadlineLeftMs } = context;
    // A stream goes on when its first message is there: only its deadline ends it.
    const longestMs = method.responseStream ? Infinity : (this.timeoutMs ?? LONGEST_MS);
    const leftMs = Math.min(deadlineLeftMs * config.share, longestMs);
    const options: CallOptions & { [FALLBACK_CALL]: true } = { [FALLBACK_CALL]: true };
    if (leftMs !== Infinity) options.deadline = wallClockNow() + leftMs;
    const made: Made = { client: clients.get(client), method, bytes, metadata, options, signal: context.signal };
    const encode = (response: unknown) => this.#encode(response, call.request);
    const fresh = (answer: SourceAnswer) => answer && { ...answer, goodUntilMs: call.staleAtMs };
    return (method.responseStream ? streamed(made, encode) : single(made, encode)).then(fresh);
  }

  #encode(response: unknown, request: unknown): Buffer {
    const { answered, toResponse } = this.#parts;
    // Interceptors of the client's own may answer.
    if (fallbackOf(response) !== undefined) throw new Error('its response is itself a fallback');
    return answered.responseSerialize(toResponse === undefined ? response : toResponse(response, request));
  }
}

interface Made {
  readonly client: Client;
  readonly method: MethodDefinition;
  readonly bytes: Buffer;
  readonly metadata: Metadata;
  readonly options: CallOptions;
  readonly signal: AbortSignal;
}

const asIs = (bytes: Buffer): Buffer => bytes;

function single(
  { client, method, bytes, metadata, options, signal }: Made,
  encode: (response: unknown) => Buffer,
): Promise<SourceAnswer> {
  return new Promise((resolve, reject) => {
    const read = (response: Buffer) => method.responseDeserialize(response);
    const call = client.makeUnaryRequest(method.path, asIs, read, bytes, metadata, options, (error, response) => {
      if (error !== null) return reject(error);
      try {
        resolve({ messages: [encode(response)], goodUntilMs: Infinity });
      } catch (failure) {
        reject(failure);
      }
    });
    signal.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

function streamed(
  { client, method, bytes, metadata, options, signal }: Made,
  encode: (response: unknown) => Buffer,
): Promise<SourceAnswer> {
  const read = (response: Buffer) => method.responseDeserialize(response);
  const call = client.makeServerStreamRequest(method.path, asIs, read, bytes, metadata, options);
  signal.addEventListener('abort', () => call.cancel(), { once: true });
  const messages = call[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  // Leaving the iterator does not end the call (grpc-node#1238).
  const leave = async () => {
    call.cancel();
    return { done: true as const, value: undefined };
  };
  return firstAndRest({ next: () => messages.next(), return: leave }, encode);
}
