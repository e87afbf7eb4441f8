import type { ServiceDefinition } from '@grpc/grpc-js';

/** Bytes as they are: serialising messages is not what is measured. */
function asIs(message: Buffer): Buffer {
  return message;
}

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/bench.Raw/${name}`,
    requestStream,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** A service whose messages are bytes. */
export const RAW_SERVICE = {
  Unary: method('Unary', false, false),
  ServerStream: method('ServerStream', false, true),
} as const satisfies ServiceDefinition;

/** How many messages a stream has. */
export const STREAM_MESSAGES = 8;

/** Size of a message, as of a small prediction. */
export const MESSAGE_BYTES = 128;
