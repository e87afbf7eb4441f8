import { type ClientOptions, connectivityState, Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';

type Channel = NonNullable<ClientOptions['channelOverride']>;
type Call = ReturnType<Channel['createCall']>;
type Listener = Parameters<Call['start']>[1];
type MessageContext = Parameters<Call['sendMessageWithContext']>[0];

/** What a stubbed call answers. */
export interface StubAnswer {
  /** Serialised, as it would come over the wire. */
  readonly message: Buffer;
  /** How many of it: 1 for a single response. */
  readonly count: number;
}

/** In place of a connection: each call is answered in a turn of its own, OK, without a server. */
export class StubChannel implements Channel {
  readonly #answer: StubAnswer;

  constructor(answer: StubAnswer) {
    this.#answer = answer;
  }

  createCall(): Call {
    return new StubCall(this.#answer);
  }

  close(): void {}

  getTarget(): string {
    return 'stub';
  }

  getConnectivityState(): connectivityState {
    return connectivityState.READY;
  }

  watchConnectivityState(): void {}

  getChannelzRef(): ReturnType<Channel['getChannelzRef']> {
    throw new Error('a stubbed channel is not in channelz');
  }
}

/** Answers once the request is complete, a message for each read and the status after the last, as grpc-js's transport does. */
class StubCall implements Call {
  readonly #answer: StubAnswer;
  #listener: Listener | undefined;
  #isAsked = false;
  #hasHeaders = false;
  #reads = 0;
  #sent = 0;
  #isDue = false;
  #ended = false;

  constructor(answer: StubAnswer) {
    this.#answer = answer;
  }

  start(_metadata: Metadata, listener: Listener): void {
    this.#listener = listener;
  }

  sendMessageWithContext(context: MessageContext, _message: Buffer): void {
    if (context.callback !== undefined) process.nextTick(context.callback);
  }

  halfClose(): void {
    this.#isAsked = true;
    this.#answerSoon();
  }

  startRead(): void {
    this.#reads++;
    this.#answerSoon();
  }

  cancelWithStatus(code: Status, details: string): void {
    this.#end({ code, details, metadata: new Metadata() });
  }

  getPeer(): string {
    return 'stub';
  }

  getCallNumber(): number {
    return 0;
  }

  setCredentials(): void {}

  getAuthContext(): null {
    return null;
  }

  #answerSoon(): void {
    if (this.#isDue || !this.#isAsked || this.#ended) return;
    this.#isDue = true;
    process.nextTick(answerNow, this);
  }

  answer(): void {
    this.#isDue = false;
    if (this.#ended) return;
    if (!this.#hasHeaders) {
      this.#hasHeaders = true;
      this.#listener?.onReceiveMetadata(new Metadata());
    }
    while (this.#reads > 0 && this.#sent < this.#answer.count) {
      this.#reads--;
      this.#sent++;
      this.#listener?.onReceiveMessage(this.#answer.message);
    }
    if (this.#sent === this.#answer.count) this.#end({ code: Status.OK, details: 'OK', metadata: new Metadata() });
  }

  #end(status: StatusObject): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener?.onReceiveStatus(status);
  }
}

function answerNow(call: StubCall): void {
  call.answer();
}
