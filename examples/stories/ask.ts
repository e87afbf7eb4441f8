import { type ClientUnaryCall, Metadata, type ServiceError } from '@grpc/grpc-js';

/** What a caller got, and when. */
export interface Reply<Response> {
  /** Undefined where the call ended with an error. */
  readonly answer: Response | undefined;
  readonly error: ServiceError | undefined;
  /** Initial metadata of an answer, the metadata of an error. */
  readonly metadata: Metadata;
  /** Milliseconds from the call to its callback, on the caller's own stopwatch. */
  readonly ms: number;
}

/** Makes a unary call and waits for its end, whatever it is. */
export function ask<Response>(
  // biome-ignore lint/suspicious/noExplicitAny: a client without generated types.
  client: any,
  method: string,
  request: object,
  metadata: Metadata = new Metadata(),
): Promise<Reply<Response>> {
  return new Promise((resolve) => {
    let initial = new Metadata();
    const startedMs = performance.now();
    const done = (error: ServiceError | null, answer?: Response) => {
      const ms = performance.now() - startedMs;
      resolve({ answer, error: error ?? undefined, metadata: error?.metadata ?? initial, ms });
    };
    const call = client[method](request, metadata, done) as ClientUnaryCall;
    call.on('metadata', (received) => (initial = received));
  });
}
