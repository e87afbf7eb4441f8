import { type CallOptions, type ChannelCredentials, Client, type ClientOptions, Metadata } from '@grpc/grpc-js';
import { silence } from '../core/silence.ts';
import type { FailureWhen } from '../policy/failure-when.ts';
import { FALLBACK_CALL } from '../policy/fallback-call-mark.ts';
import type { FallbackCallConfig, FallbackClient, RequestMapper, ResponseMapper } from '../policy/fallback-call-options.ts';
import { fallbackOf } from '../policy/fallback-info.ts';
import type { MethodDefinition } from '../policy/method-definitions.ts';
import type { FallbackCall, ShadowedCall } from '../policy/ports.ts';
import type { FallbackClients } from './fallback-clients.ts';
import { isLate, type MadeCall, single, streamed } from './made-call.ts';
import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';
import type { SourceContext } from './source-context.ts';
import { TimeoutError } from './within.ts';

/** An answer that must be awaited has this long, in milliseconds, where neither its caller nor its source says how long. */
const LONGEST_MS = 1_000;

/** Deadlines have whole milliseconds and timers too: one of both may be early by so many milliseconds. */
const EARLY_MS = 3;

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
  /** Of the policy of the method that answers: a response that reports a failure is no answer. */
  readonly failureWhen: FailureWhen | undefined;
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
    if (this.#isSame(call.target)) throw new Error(`it would ask the same method of the same target (${call.target}) again`);
    const request = toRequest === undefined ? call.request : atOnce('request', toRequest(call.request, context));
    const isSame = method.path === answered.path && toRequest === undefined;
    const serialize = (message: unknown) => (isSame ? call.stubs : method).requestSerialize(message);
    const metadata = config.forwardMetadata ? (call.metadata as Metadata).clone() : new Metadata();
    const leftMs = context.deadlineLeftMs * config.share;
    const patienceMs = Math.min(leftMs, this.timeoutMs ?? LONGEST_MS);
    const startedMs = wallClockNow();
    const options: CallOptions & { [FALLBACK_CALL]: true } = { [FALLBACK_CALL]: true };
    // A stream goes on when its first message is there: only the call's own deadline ends it.
    const longestMs = method.responseStream ? leftMs : patienceMs;
    if (longestMs !== Infinity) options.deadline = startedMs + longestMs;
    const isUsedUp = () => wallClockNow() - startedMs >= patienceMs - EARLY_MS;
    const made: MadeCall = {
      client: clients.get(client),
      method,
      request,
      serialize,
      metadata,
      options,
      signal: context.signal,
      isUsedUp,
    };
    const encode = (response: unknown) => this.#encode(response, call.request);
    const check = (response: unknown) => this.#check(response);
    const fresh = (answer: SourceAnswer) => answer && { ...answer, goodUntilMs: call.staleAtMs };
    return (method.responseStream ? streamed(made, check, encode) : single(made, check, encode)).then(fresh, (error: unknown) => {
      throw isLate(error, isUsedUp) ? new TimeoutError(`no answer within ${Math.round(patienceMs)} ms`) : error;
    });
  }

  /** It is taken to be answered, where it would be made, and has time: what is late already is no later for a call. */
  wouldAnswer({ cause, target }: ShadowedCall): boolean {
    return cause !== 'stale' && !this.#isSame(target);
  }

  #isSame(target: string): boolean {
    const { client, method, answered } = this.#parts;
    return client.target === target && method.path === answered.path;
  }

  /** @throws for a response that is no answer. Of a stream, the first message decides. */
  #check(response: unknown): void {
    // Interceptors of the client's own may answer.
    if (fallbackOf(response) !== undefined) throw new Error('its response is itself a fallback');
    if (this.#reportsFailure(response)) throw new Error('its response reports a failure');
  }

  #reportsFailure(response: unknown): boolean {
    try {
      return this.#parts.failureWhen?.(response) === true;
    } catch {
      return false; // Its breaker has asked, too, and warned.
    }
  }

  #encode(response: unknown, request: unknown): Buffer {
    const { answered, toResponse } = this.#parts;
    return answered.responseSerialize(toResponse === undefined ? response : atOnce('response', toResponse(response, request)));
  }
}

/** Serialisers take a promise for an empty message. @throws TypeError for one */
function atOnce(what: string, message: unknown): unknown {
  if (typeof (message as { then?: unknown } | null | undefined)?.then !== 'function') return message;
  silence(message, () => {});
  throw new TypeError(`the function that makes its ${what} must return it at once, and no promise`);
}
