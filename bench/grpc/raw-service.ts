import type { ServiceDefinition } from '@grpc/grpc-js';

/** A request, which carries its bytes: serialising messages is not what is measured. */
export interface RawRequest {
  readonly model_name: string;
  readonly bytes: Buffer;
}

function bytesOf(request: RawRequest): Buffer {
  return request.bytes;
}

function fromBytes(bytes: Buffer): RawRequest {
  return { model_name: '', bytes };
}

function asIs(message: Buffer): Buffer {
  return message;
}

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/bench.Raw/${name}`,
    requestStream,
    responseStream,
    requestSerialize: bytesOf,
    requestDeserialize: fromBytes,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** A service whose messages are bytes on both sides. */
export const RAW_SERVICE = {
  Unary: method('Unary', false, false),
  ServerStream: method('ServerStream', false, true),
} as const satisfies ServiceDefinition;

/** How many messages a stream has. */
export const STREAM_MESSAGES = 8;

/** Size of a message, as of a small prediction. */
export const MESSAGE_BYTES = 128;
