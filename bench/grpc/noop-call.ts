import type { InterceptingListener, Interceptor, Metadata, status as Status, StatusObject } from '@grpc/grpc-js';

type NextCall = Parameters<Interceptor>[1];
type InterceptingCallInterface = ReturnType<NextCall>;
type MessageContext = Parameters<InterceptingCallInterface['sendMessageWithContext']>[0];

/** The cheapest interceptor there is: one object, call and listener at once, that hands everything through. */
class NoopCall implements InterceptingCallInterface, InterceptingListener {
  readonly #next: InterceptingCallInterface;
  #listener: Partial<InterceptingListener> = {};

  constructor(next: InterceptingCallInterface) {
    this.#next = next;
  }

  start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#listener = listener ?? {};
    this.#next.start(metadata, this);
  }

  sendMessage(message: unknown): void {
    this.#next.sendMessage(message);
  }

  sendMessageWithContext(context: MessageContext, message: unknown): void {
    this.#next.sendMessageWithContext(context, message);
  }

  halfClose(): void {
    this.#next.halfClose();
  }

  startRead(): void {
    this.#next.startRead();
  }

  cancelWithStatus(status: Status, details: string): void {
    this.#next.cancelWithStatus(status, details);
  }

  getPeer(): string {
    return this.#next.getPeer();
  }

  getAuthContext(): ReturnType<InterceptingCallInterface['getAuthContext']> {
    return this.#next.getAuthContext();
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage?.(message);
  }

  onReceiveStatus(status: StatusObject): void {
    this.#listener.onReceiveStatus?.(status);
  }
}

/** Hands every call through. */
export const noopInterceptor: Interceptor = (options, nextCall) =>
  new NoopCall(nextCall(options)) as unknown as ReturnType<Interceptor>;
