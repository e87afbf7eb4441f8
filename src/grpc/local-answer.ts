import { type InterceptingListener, Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import { silence } from '../core/silence.ts';
import { toStatus } from './to-status.ts';

/** What is delivered in place of the dependency's answer. */
export interface LocalResponse {
  /** Initial metadata; undefined where there is no answer but a status, or where it was delivered already. */
  readonly metadata: Metadata | undefined;
  readonly messages: readonly unknown[];
  /** What comes behind them, for methods with streamed responses: one message for each that is read. */
  readonly rest?: AsyncIterator<unknown, unknown> | undefined;
  readonly status: StatusObject;
}

/**
 * Plays a response to the caller as the wire would: never within the caller's own call of us, messages of a stream one for each
 * read, the status last and once. A single response comes with its status, a stream's status in the turn after its last message.
 */
export class LocalAnswer {
  readonly #listener: Partial<InterceptingListener>;
  readonly #isStream: boolean;
  #messages: readonly unknown[] = [];
  #rest: AsyncIterator<unknown, unknown> | undefined;
  #status: StatusObject | undefined;
  #next = 0;
  #reads: number;
  #isPumping = false;
  #ended = false;
  /** Told when the caller cancels: somebody may be at work on an answer. */
  onCancel: (() => void) | undefined;
  /** Told when it has come to its end, in whatever way. */
  onEnd: (() => void) | undefined;

  /** @param reads - messages that the caller has asked for already */
  constructor(listener: Partial<InterceptingListener>, isStream: boolean, reads: number) {
    this.#listener = listener;
    this.#isStream = isStream;
    this.#reads = reads;
  }

  /** The caller has its status. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Delivers a response from now on. To be called from the event loop, not from within a call of the caller's. */
  deliver(response: LocalResponse): void {
    if (this.#ended) return;
    if (response.metadata !== undefined) this.#listener.onReceiveMetadata?.(response.metadata);
    if (this.#isStream && response.status.code === Status.OK) {
      this.#messages = response.messages;
      this.#rest = response.rest;
      this.#status = response.status;
      // Who hears the metadata may have cancelled.
      if (this.#ended) this.#leaveRest();
      else this.#pump();
      return;
    }
    // A single response: null stands for none, as on the wire, or interceptors outside that retry fail.
    if (!this.#isStream && !this.#ended) this.#listener.onReceiveMessage?.(response.messages[0] ?? null);
    this.#end(response.status);
  }

  /** The caller asks for another message of a stream. */
  startRead(): void {
    this.#reads++;
    if (this.#status !== undefined) this.#pumpSoon();
  }

  /** The caller cancels: the status is theirs, and nothing else comes. */
  cancel(code: Status, details: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onCancel?.();
    this.onEnd?.();
    this.#leaveRest();
    setImmediate(() => {
      if (!this.#isStream) this.#listener.onReceiveMessage?.(null);
      this.#listener.onReceiveStatus?.({ code, details, metadata: new Metadata() });
    });
  }

  /** Each message in a turn of its own, so that the caller and interceptors outside see them one by one. */
  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#ended || this.#status === undefined) return;
    if (this.#next === this.#messages.length) {
      if (this.#rest === undefined) this.#end(this.#status);
      else if (this.#reads > 0) this.#pull(this.#rest);
      return;
    }
    if (this.#reads === 0) return;
    this.#reads--;
    this.#listener.onReceiveMessage?.(this.#messages[this.#next++]);
    if (this.#reads > 0 || this.#next === this.#messages.length) this.#pumpSoon();
  }

  /** Takes the next message of the rest. From the event loop, as the first ones. */
  #pull(rest: AsyncIterator<unknown, unknown>): void {
    this.#isPumping = true;
    const settle = (more: readonly unknown[], isLast: boolean) =>
      void setImmediate(() => {
        this.#isPumping = false;
        if (isLast) this.#rest = undefined;
        this.#messages = more;
        this.#next = 0;
        this.#pump();
      });
    const fail = (error: unknown) =>
      void setImmediate(() => {
        this.#isPumping = false;
        if (!this.#ended) this.#end(statusOf(error));
      });
    // An iterator of the user's may throw where it should reject.
    const pull = async () => rest.next();
    pull().then(({ done, value }) => settle(done === true ? [] : [value], done === true), fail);
  }

  #leaveRest(): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest?.return === undefined) return;
    const leave = async () => rest.return?.();
    silence(leave(), () => {});
  }

  #end(status: StatusObject): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd?.();
    this.#listener.onReceiveStatus?.(status);
  }
}

/** The status of a stream whose rest failed: that of its error, where it has one. */
function statusOf(error: unknown): StatusObject {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: unknown };
  if (typeof code === 'number' && typeof details === 'string') return { code: toStatus(code), details, metadata: new Metadata() };
  const text = error instanceof Error ? error.message : String(error);
  return { code: Status.UNKNOWN, details: `the fallback's stream failed: ${text}`, metadata: new Metadata() };
}
