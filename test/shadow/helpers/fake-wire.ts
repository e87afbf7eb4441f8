import type { InterceptingListener, Interceptor, InterceptorOptions, Metadata, StatusObject } from '@grpc/grpc-js';
import { Metadata as GrpcMetadata, status as Status } from '@grpc/grpc-js';
import type { Answer } from '../../grpc/helpers/scripted-service.ts';
import { answersAfterMs, GRID_MS, type RecordedCall } from './recorded-script.ts';

type NextCall = Parameters<Interceptor>[1];

/** What became of a call below the interceptor. */
export interface Sent {
  readonly index: number;
  /** The deadline that it was made with, in milliseconds from then; undefined for none. */
  readonly deadlineMs: number | undefined;
  /** Who cancelled it. */
  cancelledWith: string | undefined;
}

/** A call on a channel that does what was recorded, on timers that a test moves. It keeps deadlines, as grpc-js does below interceptors. */
export class FakeWire {
  readonly sent: Sent[] = [];

  /** The next call of a call. */
  nextCall(index: number, recorded: RecordedCall, isStream: boolean): NextCall {
    return (options) => new WireCall(this.sent, index, recorded, isStream, options);
  }
}

class WireCall {
  readonly #recorded: RecordedCall;
  readonly #isStream: boolean;
  readonly #sent: Sent;
  readonly #timers: NodeJS.Timeout[] = [];
  #listener: InterceptingListener | undefined;
  #messages = 0;
  #isEnded = false;

  constructor(all: Sent[], index: number, recorded: RecordedCall, isStream: boolean, { deadline }: InterceptorOptions) {
    this.#recorded = recorded;
    this.#isStream = isStream;
    const deadlineMs = deadline === undefined ? undefined : Number(deadline) - Date.now();
    this.#sent = { index, deadlineMs, cancelledWith: undefined };
    all.push(this.#sent);
  }

  start(_metadata: Metadata, listener: InterceptingListener): void {
    this.#listener = listener;
    const { messages, endsAfter, code, pushback } = this.#recorded;
    const { deadlineMs } = this.#sent;
    if (deadlineMs !== undefined)
      this.#after(deadlineMs, () => this.#end({ code: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' }));
    const given = this.#isStream || code !== Status.OK ? messages : [messages[0] ?? 0];
    let atMs = answersAfterMs(this.#sent.index);
    for (const [place, cells] of given.entries()) {
      atMs += cells * GRID_MS;
      // A single response comes with its status.
      if (this.#isStream) this.#after(atMs, () => this.#answer(place));
    }
    if (endsAfter === undefined) return;
    this.#after(atMs + endsAfter * GRID_MS, () => {
      const metadata = new GrpcMetadata();
      metadata.set('content-type', 'application/grpc');
      if (code !== Status.OK && pushback > 0) metadata.set('grpc-retry-pushback-ms', String(pushback * GRID_MS));
      if (code === Status.OK && !this.#isStream) this.#answer(0);
      this.#end({ code, details: 'as recorded', metadata });
    });
  }

  sendMessage(): void {}
  sendMessageWithContext(context: { callback?: () => void }): void {
    context.callback?.();
  }
  halfClose(): void {}
  startRead(): void {}
  getPeer(): string {
    return 'fake';
  }
  getAuthContext(): null {
    return null;
  }

  cancelWithStatus(code: Status, details: string): void {
    this.#sent.cancelledWith ??= details;
    if (this.#isEnded) return;
    this.#after(0, () => this.#end({ code, details }));
  }

  #after(ms: number, run: () => void): void {
    this.#timers.push(setTimeout(run, ms));
  }

  #answer(place: number): void {
    this.#messages++;
    const note = this.#recorded.noteAt === place ? 'sick' : undefined;
    const answer: Answer = {
      text: `answer ${place}`,
      item_index: place,
      payload: Buffer.alloc(0),
      weights: [],
      ...(note && { note }),
    };
    this.#listener?.onReceiveMessage(answer);
  }

  #end({ code, details, metadata = new GrpcMetadata() }: Pick<StatusObject, 'code' | 'details'> & { metadata?: Metadata }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (!this.#isStream && this.#messages === 0) this.#listener?.onReceiveMessage(null);
    this.#listener?.onReceiveStatus({ code, details, metadata });
  }
}
