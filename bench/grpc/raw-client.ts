import { Client, type ClientOptions, credentials } from '@grpc/grpc-js';
import { MESSAGE_BYTES, RAW_SERVICE, type RawRequest, STREAM_MESSAGES } from './raw-service.ts';
import { StubChannel } from './stub-channel.ts';

const MESSAGE = Buffer.alloc(MESSAGE_BYTES, 7);
const REQUEST: RawRequest = { model_name: 'iris', bytes: MESSAGE };

/** A client of the raw service, as promises. */
export class RawClient {
  readonly #client: Client;

  constructor(target: string, options: ClientOptions) {
    this.#client = new Client(target, credentials.createInsecure(), options);
  }

  /** One call with a single response. */
  unary(): Promise<Buffer> {
    const { path, requestSerialize, responseDeserialize } = RAW_SERVICE.Unary;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, REQUEST, (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error('neither an error nor an answer'));
      });
    });
  }

  /** One call with a stream of responses, read to its end. */
  serverStream(): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = RAW_SERVICE.ServerStream;
    return new Promise((resolve, reject) => {
      let messages = 0;
      this.#client
        .makeServerStreamRequest(path, requestSerialize, responseDeserialize, REQUEST)
        .on('data', () => messages++)
        .on('error', reject)
        .on('end', () => {
          if (messages === STREAM_MESSAGES) resolve();
          else reject(new Error(`${messages} messages of ${STREAM_MESSAGES}`));
        });
    });
  }

  /** Ends its connection. */
  close(): void {
    this.#client.close();
  }
}

/** A channel that answers calls of the raw service with so many messages. */
export function stubRaw(count: number): StubChannel {
  return new StubChannel({ message: MESSAGE, count });
}
