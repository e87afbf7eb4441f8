import { type InterceptingListener, type Interceptor, Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';

type InterceptingCallInterface = ReturnType<Parameters<Interceptor>[1]>;

/** For all calls: nothing is cheaper than what is not made. */
const HEADERS = new Metadata();
const STATUS: StatusObject = { code: Status.OK, details: 'OK', metadata: new Metadata() };

/** The end of the chain: answers a unary call by itself, in a turn of its own, and is nothing else. */
class FloorCall implements InterceptingCallInterface {
  readonly #message: (request: unknown) => unknown;
  #request: unknown;
  #listener: Partial<InterceptingListener> | undefined;

  constructor(message: (request: unknown) => unknown) {
    this.#message = message;
  }

  start(_metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#listener = listener;
    setImmediate(answerNow, this);
  }

  answer(): void {
    this.#listener?.onReceiveMetadata?.(HEADERS);
    this.#listener?.onReceiveMessage?.(this.#message(this.#request));
    this.#listener?.onReceiveStatus?.(STATUS);
  }

  sendMessage(message: unknown): void {
    this.#request = message;
  }

  sendMessageWithContext(_context: unknown, message: unknown): void {
    this.#request = message;
  }

  startRead(): void {}

  halfClose(): void {}

  cancelWithStatus(): void {}

  getPeer(): string {
    return 'floor';
  }

  getAuthContext(): null {
    return null;
  }
}

function answerNow(call: FloorCall): void {
  call.answer();
}

/** The least that answers every call without a dependency: a bare terminal interceptor, which delivers a message by setImmediate. */
export function floorInterceptor(message: (request: unknown) => unknown): Interceptor {
  return () => new FloorCall(message) as unknown as ReturnType<Interceptor>;
}
