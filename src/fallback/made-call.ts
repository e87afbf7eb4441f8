import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type Metadata,
  type ServiceError,
  status as Status,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '../policy/method-definitions.ts';
import type { SourceAnswer } from './source.ts';
import { firstAndRest } from './streamed-answer.ts';

/** Throws for a response that is no answer. */
type Check = (response: unknown) => void;

/** A fallback call: what it is made with. */
export interface MadeCall {
  readonly client: Client;
  readonly method: MethodDefinition;
  /** The message, not its bytes: keys of breakers are made from its fields. */
  readonly request: unknown;
  readonly serialize: (message: unknown) => Buffer;
  readonly metadata: Metadata;
  readonly options: CallOptions;
  readonly signal: AbortSignal;
  /** All the time that it was given has passed. */
  readonly isUsedUp: () => boolean;
}

/** Whether a call ended because the time was up that it was given here. */
export function isLate(error: unknown, isUsedUp: () => boolean): boolean {
  return (error as ServiceError | undefined)?.code === Status.DEADLINE_EXCEEDED && isUsedUp();
}

/** Ends a call that nobody waits for. One that had all its time has missed its deadline, which its breaker has to hear of. */
function endOnAbort(call: ClientUnaryCall | ClientReadableStream<unknown>, { signal, isUsedUp }: MadeCall): void {
  const onAbort = () => {
    if (isUsedUp()) call.call?.cancelWithStatus(Status.DEADLINE_EXCEEDED, 'no answer within the time of a fallback call');
    else call.cancel();
  };
  signal.addEventListener('abort', onAbort, { once: true });
}

/** Its response, checked and encoded. */
export function single(made: MadeCall, check: Check, encode: (response: unknown) => Buffer): Promise<SourceAnswer> {
  const { client, method, request, serialize, metadata, options } = made;
  return new Promise((resolve, reject) => {
    const read = (response: Buffer) => method.responseDeserialize(response);
    const call = client.makeUnaryRequest(method.path, serialize, read, request, metadata, options, (error, response) => {
      if (error !== null) return reject(error);
      try {
        check(response);
        resolve({ messages: [encode(response)], goodUntilMs: Infinity });
      } catch (failure) {
        reject(failure);
      }
    });
    endOnAbort(call, made);
  });
}

/** Its responses, encoded one by one as they are read. The first one is checked: it decides. */
export function streamed(made: MadeCall, check: Check, encode: (response: unknown) => Buffer): Promise<SourceAnswer> {
  const { client, method, request, serialize, metadata, options } = made;
  const read = (response: Buffer) => method.responseDeserialize(response);
  const call = client.makeServerStreamRequest(method.path, serialize, read, request, metadata, options);
  endOnAbort(call, made);
  const messages = call[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  // Leaving the iterator does not end the call (grpc-node#1238).
  const leave = async () => {
    call.cancel();
    return { done: true as const, value: undefined };
  };
  let isFirst = true;
  const encodeChecked = (response: unknown): Buffer => {
    if (isFirst) check(response);
    isFirst = false;
    return encode(response);
  };
  return firstAndRest({ next: () => messages.next(), return: leave }, encodeChecked);
}
