import { type ClientUnaryCall, Metadata, type ServiceError } from '@grpc/grpc-js';

/** What a caller got, and when. */
export interface Reply<Response> {
  /** Undefined where the call ended with an error. */
  readonly answer: Response | undefined;
  readonly error: ServiceError | undefined;
  /** Initial metadata of an answer, the metadata of an error. */
  readonly metadata: Metadata;
  /** Milliseconds from before the call to its callback, on the caller's own stopwatch. */
  readonly ms: number;
  /** The same from when the call had begun: a busy machine may hold a process up before that, which makes no answer older. */
  readonly ageMs: number;
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
    let begunMs = 0;
    const beforeMs = performance.now();
    const done = (error: ServiceError | null, answer?: Response) => {
      const nowMs = performance.now();
      const times = { ms: nowMs - beforeMs, ageMs: nowMs - begunMs };
      resolve({ answer, error: error ?? undefined, metadata: error?.metadata ?? initial, ...times });
    };
    const call = client[method](request, metadata, done) as ClientUnaryCall;
    begunMs = performance.now();
    call.on('metadata', (received) => (initial = received));
  });
}
