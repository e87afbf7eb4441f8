import { type CallOptions, type ClientDuplexStream, Metadata, type StatusObject } from '@grpc/grpc-js';
import type { ModelInferRequest } from './inference-messages.ts';
import type { StreamAnswer, TritonClient } from './triton-client.ts';

/** A stream that a test watches while it is open. */
export interface OpenStream {
  readonly duplex: ClientDuplexStream<ModelInferRequest, StreamAnswer>;
  /** What has come so far. */
  readonly answers: readonly StreamAnswer[];
  /** Whether it has ended. */
  readonly isEnded: () => boolean;
  /** Settles when it has ended, however. */
  readonly status: Promise<StatusObject>;
}

/** Opens a stream with its first request, and leaves the sending side open. */
export function open(
  client: TritonClient,
  request: ModelInferRequest,
  options: CallOptions = {},
  metadata = new Metadata(),
): OpenStream {
  const duplex = client.modelStreamInfer(metadata, options);
  const answers: StreamAnswer[] = [];
  let ended = false;
  const status = new Promise<StatusObject>((resolve) => {
    duplex.on('status', (received: StatusObject) => {
      ended = true;
      resolve(received);
    });
  });
  duplex.on('data', (answer: StreamAnswer) => answers.push(answer));
  duplex.on('error', () => {}); // the status tells the same
  duplex.write(request);
  return { duplex, answers, isEnded: () => ended, status };
}
