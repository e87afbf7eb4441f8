import { type InterceptingListener, type Interceptor, Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';

type InterceptingCallInterface = ReturnType<Parameters<Interceptor>[1]>;

/** For all calls: nothing is cheaper than what is not made. */
const HEADERS = new Metadata();
const STATUS: StatusObject = { code: Status.OK, details: 'OK', metadata: new Metadata() };

/** The end of the chain: answers a unary call by itself, in a turn of its own, and is nothing else. */
class FloorCall implements InterceptingCallInterface {
  readonly #message: () => unknown;
  #listener: Partial<InterceptingListener> | undefined;

  constructor(message: () => unknown) {
    this.#message = message;
  }

  start(_metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#listener = listener;
    setImmediate(answerNow, this);
  }

  answer(): void {
    this.#listener?.onReceiveMetadata?.(HEADERS);
    this.#listener?.onReceiveMessage?.(this.#message());
    this.#listener?.onReceiveStatus?.(STATUS);
  }

  sendMessage(): void {}

  sendMessageWithContext(): void {}

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
export function floorInterceptor(message: () => unknown): Interceptor {
  return () => new FloorCall(message) as unknown as ReturnType<Interceptor>;
}
