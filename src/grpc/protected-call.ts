import {
  type InterceptingListener,
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  status as Status,
  type StatusObject,
} from '@grpc/grpc-js';
import type { Rejection } from '../core/snapshot.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { CallRecord } from './call-record.ts';
import { setDeadline } from './deadline.ts';
import { deliverFallback } from './fallback-delivery.ts';
import { LocalAnswer, type LocalResponse } from './local-answer.ts';
import type { MethodBinding } from './method-binding.ts';
import { rejectionStatus } from './rejection.ts';
import { hearAnswer, settleCall, settleUnjudged } from './settlement.ts';
import { WaitGuard } from './wait-guard.ts';

/** Makes the call below this one. */
export type NextCall = Parameters<Interceptor>[1];
/** What grpc-js calls InterceptingCallInterface and does not export. */
type InterceptingCallInterface = ReturnType<NextCall>;
type MessageContext = Parameters<InterceptingCallInterface['sendMessageWithContext']>[0];

/** Hears nothing, before `start` says who listens. */
const NOBODY: Partial<InterceptingListener> = {};

/**
 * One call through a breaker: the interceptor's call towards the caller, the listener towards the wire, and the home of the call's permit
 * in one object, which costs next to nothing. Its life: waiting (for `start`, or for the request that its key needs), then either passing
 * (a next call exists and everything is handed through) or local (this side answers, and nothing more reaches the channel).
 */
export class ProtectedCall extends CallRecord implements InterceptingCallInterface, InterceptingListener {
  readonly #nextCall: NextCall;
  #options: InterceptorOptions;
  #next: InterceptingCallInterface | undefined;
  #local: LocalAnswer | undefined;
  #listener: Partial<InterceptingListener> = NOBODY;
  /** Set by `start`. */
  #metadata: Metadata | undefined;
  #rejection: Rejection | undefined;
  #request: unknown;
  #isRequestEnded = false;
  /** Its fallback wants to see the request, which has not come yet. */
  #waitsForRequest = false;
  #guard: WaitGuard | undefined;
  /** Reads that were started for the caller, who has yet to ask for them. */
  #readsAhead = 0;
  #cancelDetails = '';
  /** The dependency has a request to answer. */
  #hasSent: boolean;
  #ended = false;

  constructor(binding: MethodBinding, options: InterceptorOptions, nextCall: NextCall) {
    super(binding);
    this.#options = options;
    this.#nextCall = nextCall;
    this.#hasSent = !binding.isRequestStream;
  }

  start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#metadata = metadata;
    this.#listener = listener ?? NOBODY;
    this.startedMs = this.binding.context.clock.now();
    this.#options = setDeadline(this, this.#options);
    if (this.cancelledWith !== undefined) this.#answerLocally().cancel(this.cancelledWith, this.#cancelDetails);
    else if (!this.binding.policy.key.needsRequest) this.#decide(metadata, undefined);
    // Most requests come in the same turn; only the others need a guard.
    else queueMicrotask(() => this.#isUndecided && this.#guardWait());
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  sendMessageWithContext(context: MessageContext, message: unknown): void {
    if (this.#isUndecided) this.#decide(this.#metadata as Metadata, message);
    if (this.binding.fallback !== undefined) this.#request ??= message;
    if (this.binding.isBidi) this.#sent();
    if (this.#next !== undefined) this.#next.sendMessageWithContext(context, message);
    // A client stream that is never told that its write is done never finishes; one that is told at once never lets anybody else run.
    else if (context.callback !== undefined) setImmediate(context.callback);
    if (this.#waitsForRequest) this.#answerRejectionSoon();
  }

  halfClose(): void {
    this.#isRequestEnded = true;
    if (this.#isUndecided) this.#decide(this.#metadata as Metadata, undefined);
    if (this.binding.isClientStreaming || !this.#hasSent) this.#sent();
    this.#next?.halfClose();
    if (this.#waitsForRequest) this.#answerRejectionSoon();
  }

  startRead(): void {
    this.reads++;
    // Before it is read, a stream's server cannot be late.
    if (this.reads === 1 && this.binding.isResponseStream) this.#ask();
    if (this.#local !== undefined) this.#local.startRead();
    else if (this.#readsAhead > 0) this.#readsAhead--;
    else this.#next?.startRead();
  }

  cancelWithStatus(status: Status, details: string): void {
    this.cancelledWith = status;
    this.#cancelDetails = details;
    this.#guard?.release();
    if (this.#local !== undefined) this.#local.cancel(status, details);
    else if (this.#next !== undefined) this.#next.cancelWithStatus(status, details);
    else if (this.#metadata !== undefined) this.#answerLocally().cancel(status, details);
  }

  getPeer(): string {
    return this.#next?.getPeer() ?? this.binding.target;
  }

  getAuthContext(): ReturnType<InterceptingCallInterface['getAuthContext']> {
    return this.#next?.getAuthContext() ?? null;
  }

  onReceiveMetadata(metadata: Metadata): void {
    if (this.#ended) return;
    this.sawHeaders = true;
    this.#listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    if (this.#ended) return;
    const binding = this.binding;
    this.messages++;
    if (binding.isResponseStream) {
      if (this.messages === 1) hearAnswer(this);
      if (binding.policy.classify !== undefined) this.lastMessage = message;
      this.#listener.onReceiveMessage?.(message);
      return;
    }
    if (!binding.fallsBackOnFailure) {
      this.lastMessage = message;
      this.#listener.onReceiveMessage?.(message);
      return;
    }
    // A single response that a fallback may yet replace waits for its status, and so does the null that stands for none.
    if (this.messages > 1) {
      // More than one answer: their caller has to know, and nothing can be replaced any more.
      if (this.messages === 2) this.#listener.onReceiveMessage?.(this.lastMessage);
      this.#listener.onReceiveMessage?.(message);
      return;
    }
    this.lastMessage = message;
    if (binding.isClientStreaming) {
      // Its caller would ask for what comes after the message.
      this.#readsAhead++;
      this.#next?.startRead();
    }
  }

  onReceiveStatus(status: StatusObject): void {
    if (this.#ended) return;
    this.#ended = true;
    let isFailed = false;
    try {
      isFailed = settleCall(this, status);
    } catch (error) {
      settleUnjudged(this, 'notJudged');
      this.binding.warnOnce(`judging a call of ${this.binding.method} failed; the call goes on`, error);
    }
    const canReplace = this.messages === 0 || (!this.binding.isResponseStream && this.messages === 1);
    if (isFailed && canReplace && this.binding.fallsBackOnFailure) this.#fallBackLater(status);
    else this.#handThrough(status);
  }

  /** The stubs of this very call, which need not be those that were registered. */
  get #decode(): (bytes: Buffer) => unknown {
    return this.#options.method_definition.responseDeserialize;
  }

  get #isUndecided(): boolean {
    return this.entry === undefined && this.#metadata !== undefined && this.#local === undefined;
  }

  #guardWait(): void {
    const leftMs = this.budgetMs - (this.binding.context.clock.now() - this.startedMs);
    this.#guard = new WaitGuard(this.#options, leftMs, (code, details) => this.#answerLocally().cancel(code, details));
  }

  #decide(metadata: Metadata, request: unknown): void {
    this.#guard?.release();
    const entry = this.binding.entryFor(metadata, request);
    this.entry = entry;
    // Without a guard the request came in the turn of the start: no time has passed.
    const now = this.#guard === undefined ? this.startedMs : this.binding.context.clock.now();
    this.askedMs = now;
    const leftMs = this.budgetMs - (now - this.startedMs);
    if (entry.breaker.acquire(this, now, leftMs)) this.#pass(metadata, now);
    else this.#reject(entry, now);
  }

  /** The request went out, or the part of it that the dependency may answer. */
  #sent(): void {
    this.#hasSent = true;
    this.#ask();
  }

  /** Before now the dependency cannot have been late: it had no request, or nobody wanted its answer. */
  #ask(): void {
    if (this.#next === undefined || this.#ended || (this.binding.isResponseStream && this.messages > 0)) return;
    this.askedMs = this.binding.context.clock.now();
    this.#watch();
  }

  /** From now on the dependency can be late, where it has what it needs and its caller wants to hear. */
  #watch(): void {
    if (!this.#hasSent || (this.binding.isResponseStream && this.reads === 0)) return;
    this.binding.context.inFlight.ask(this, this.entry as BreakerEntry);
  }

  #pass(metadata: Metadata, now: number): void {
    try {
      this.#next = this.#nextCall(this.#options);
    } catch (error) {
      // A closed client. The caller may be an asynchronous interceptor: an exception would reach nobody.
      settleUnjudged(this, 'notSent');
      this.#ended = true;
      const status = { code: Status.UNAVAILABLE, details: (error as Error).message, metadata: new Metadata() };
      this.#deliverSoon({ metadata: undefined, messages: [], status });
      return;
    }
    this.binding.context.inFlight.begin(this, now);
    this.#watch();
    try {
      this.#next.start(metadata, this);
    } catch (error) {
      settleUnjudged(this, 'notSent');
      throw error;
    }
    // An asynchronous interceptor outside lets reads come before the start.
    for (let read = 0; read < this.reads; read++) this.#next.startRead();
  }

  #reject(entry: BreakerEntry, now: number): void {
    this.#ended = true;
    this.#rejection = entry.breaker.rejection(now);
    this.binding.context.observer.callRejected(this.observed, entry, this.#rejection.reason);
    this.#answerLocally();
    this.#answerRejectionSoon();
  }

  #answerRejectionSoon(): void {
    this.#waitsForRequest = false;
    this.#guard?.release();
    setImmediate(() => this.#answerRejection(this.entry as BreakerEntry, this.#rejection as Rejection));
  }

  #answerRejection(entry: BreakerEntry, rejection: Rejection): void {
    if (this.#answerLocally().isEnded) return;
    const { fallback, isRequestStream } = this.binding;
    const original = { metadata: undefined, messages: [], status: rejectionStatus(entry.breaker.name, rejection) };
    if (fallback === undefined || !fallback.on.includes('rejected')) this.#answerLocally().deliver(original);
    // An interceptor outside may still be at work on the request.
    else if (this.#request === undefined && !isRequestStream && !this.#isRequestEnded) {
      this.#waitsForRequest = true;
      this.#guardWait();
    } else deliverFallback(this.#answerLocally(), this, { cause: 'rejected', rejection }, this.#request, original, this.#decode);
  }

  #fallBackLater(status: StatusObject): void {
    const original = { metadata: undefined, messages: this.messages === 0 ? [] : [this.lastMessage], status };
    const local = this.#answerLocally();
    setImmediate(() => deliverFallback(local, this, { cause: 'failed', status }, this.#request, original, this.#decode));
  }

  #handThrough(status: StatusObject): void {
    if (this.binding.fallsBackOnFailure && !this.binding.isResponseStream && this.messages === 1) {
      this.#listener.onReceiveMessage?.(this.lastMessage);
    }
    this.#listener.onReceiveStatus?.(status);
  }

  #deliverSoon(response: LocalResponse): void {
    const answer = this.#answerLocally();
    setImmediate(() => answer.deliver(response));
  }

  #answerLocally(): LocalAnswer {
    this.#local ??= new LocalAnswer(this.#listener, this.binding.isResponseStream, this.reads);
    return this.#local;
  }
}
