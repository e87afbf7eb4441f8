import { type InterceptingListener, type Interceptor, type InterceptorOptions, Metadata, status as Status } from '@grpc/grpc-js';
import { RAW_SERVICE } from './raw-service.ts';

type NextCall = Parameters<Interceptor>[1];
type InterceptingCallInterface = ReturnType<NextCall>;

const HEADERS = new Metadata();
const STATUS = { code: Status.OK, details: 'OK', metadata: new Metadata() };
const ANSWER = { answer: 1 };

/** The end of the chain: answers a unary call at once, and allocates no more than itself. */
class Terminal implements InterceptingCallInterface {
  #listener: Partial<InterceptingListener> | undefined;

  start(_metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#listener = listener;
  }

  sendMessage(): void {}

  sendMessageWithContext(): void {}

  startRead(): void {}

  halfClose(): void {
    this.#listener?.onReceiveMetadata?.(HEADERS);
    this.#listener?.onReceiveMessage?.(ANSWER);
    this.#listener?.onReceiveStatus?.(STATUS);
  }

  cancelWithStatus(): void {}

  getPeer(): string {
    return 'terminal';
  }

  getAuthContext(): null {
    return null;
  }
}

/** Gives the microtask queue a turn, as it has between the calls of real clients. */
export const microtask: Promise<void> = Promise.resolve();

const nextCall: NextCall = () => new Terminal();

/** Hears what a unary call's caller hears. */
class Caller implements InterceptingListener {
  answered = 0;

  onReceiveMetadata(): void {}

  onReceiveMessage(): void {}

  onReceiveStatus(status: { code: number }): void {
    if (status.code === Status.OK) this.answered++;
  }
}

/** Makes unary calls through an interceptor and nothing else: no client, no promises, so that small costs show. */
export class HandDriven {
  readonly #interceptor: Interceptor;
  readonly #caller = new Caller();
  readonly #metadata = new Metadata();
  readonly #options: InterceptorOptions = { method_definition: RAW_SERVICE.Unary };

  constructor(interceptor: Interceptor) {
    this.#interceptor = interceptor;
  }

  /** Calls that were answered. */
  get answered(): number {
    return this.#caller.answered;
  }

  /** A call with this request. Await {@link microtask} now and then. */
  call(request: unknown): void {
    const call = this.#interceptor(this.#options, nextCall);
    call.start(this.#metadata, this.#caller);
    call.sendMessage(request);
    call.halfClose();
  }
}
