import {
  type InterceptingListener,
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  status as Status,
  type StatusObject,
} from '@grpc/grpc-js';
import { UNJUDGED } from '../core/permit.ts';
import type { Rejection } from '../core/snapshot.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { keepRequest } from './asked-call.ts';
import { checkAge, fallbackReason, handThrough, originalResponse, rejectedResponse, rememberAnswer } from './call-ending.ts';
import { AWAITS_REQUEST, CallRecord, PARTED, REPORTED_FAILURE } from './call-record.ts';
import { judgedBudgetMs, setDeadline } from './deadline.ts';
import { deliverFallback, FALLBACK_METADATA } from './fallback-delivery.ts';
import type { LimitedCall } from './in-flight.ts';
import { LocalAnswer } from './local-answer.ts';
import type { MethodBinding } from './method-binding.ts';
import { reportsFailure } from './outcome.ts';
import { hearAnswer, settleCall, settleOverdue, settleReported, settleUnjudged, tellRejected } from './settlement.ts';
import { askWhenRefused, hasParted, noteEnd, partWhenOverdue, wouldReject } from './shadow.ts';
import { MessageWait } from './stream-limits.ts';
import { WaitGuard } from './wait-guard.ts';

/** Makes the call below this one. */
export type NextCall = Parameters<Interceptor>[1];
/** What grpc-js calls InterceptingCallInterface and does not export. */
type InterceptingCallInterface = ReturnType<NextCall>;
type MessageContext = Parameters<InterceptingCallInterface['sendMessageWithContext']>[0];

/**
 * One call through a breaker: the interceptor's call towards the caller, the listener towards the wire, and the home of the call's permit
 * in one object, which costs next to nothing. Its life: waiting (for `start`, or for the request that its key needs), then either passing
 * (a next call exists and everything is handed through) or local (this side answers, and nothing more reaches the channel).
 */
export class ProtectedCall extends CallRecord implements InterceptingCallInterface, InterceptingListener, LimitedCall {
  readonly #nextCall: NextCall;
  #next: InterceptingCallInterface | undefined;
  #rejection: Rejection | undefined;
  /** Its fallback wants to see the request, which has not come yet. */
  #waitsForRequest = false;
  #guard: WaitGuard | undefined;
  /** Reads that were started for the caller, who has yet to ask for them. */
  #readsAhead = 0;
  #cancelDetails = '';
  #ended = false;
  /** Only where its messages have to come in time. */
  #wait: MessageWait | undefined;

  constructor(binding: MethodBinding, options: InterceptorOptions, nextCall: NextCall) {
    super(binding, options);
    this.#nextCall = nextCall;
  }

  start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.metadata = metadata;
    if (listener !== undefined) this.listener = listener;
    this.startedMs = this.binding.context.clock.now();
    this.options = setDeadline(this, this.options);
    if (this.cancelledWith !== undefined) this.#answerLocally().cancel(this.cancelledWith, this.#cancelDetails);
    else if (!this.binding.policy.key.needsRequest) this.#decide(metadata, undefined);
    // Most requests come in the same turn; only the others need a guard.
    else queueMicrotask(() => this.#isUndecided && this.#guardWait());
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  sendMessageWithContext(context: MessageContext, message: unknown): void {
    if (this.#isUndecided) this.#decide(this.metadata as Metadata, message);
    if (this.fallsBack && this.request === undefined) keepRequest(this, message);
    if (this.binding.isBidi) this.#sent();
    if (this.#next !== undefined) this.#next.sendMessageWithContext(context, message);
    // A client stream that is never told that its write is done never finishes; one that is told at once never lets anybody else run.
    else if (context.callback !== undefined) setImmediate(context.callback);
    if (this.#waitsForRequest) this.#answerRejectionSoon();
  }

  halfClose(): void {
    this.isRequestEnded = true;
    if (this.#isUndecided) this.#decide(this.metadata as Metadata, undefined);
    if (this.binding.isClientStreaming || !this.hasSent) this.#sent();
    this.#wait?.update(this);
    this.#next?.halfClose();
    if (this.#waitsForRequest) this.#answerRejectionSoon();
    else if (this.is(AWAITS_REQUEST)) askWhenRefused(this);
  }

  startRead(): void {
    this.reads++;
    // Before it is read, a stream's server cannot be late.
    if (this.reads === 1 && this.binding.isResponseStream) this.#ask();
    if (this.reads === this.messages + 1) this.#wait?.update(this);
    if (this.local !== undefined) this.local.startRead();
    else if (this.#readsAhead > 0) this.#readsAhead--;
    else this.#next?.startRead();
  }

  cancelWithStatus(status: Status, details: string): void {
    this.cancelledWith = status;
    this.#cancelDetails = details;
    this.#guard?.release();
    if (this.local !== undefined) this.local.cancel(status, details);
    else if (this.#next !== undefined) this.#next.cancelWithStatus(status, details);
    else if (this.metadata !== undefined) this.#answerLocally().cancel(status, details);
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
    // A fallback of somebody further down is no good answer.
    if (this.memoryKey !== undefined && metadata.get(FALLBACK_METADATA).length > 0) this.memoryKey = undefined;
    this.listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    if (this.#ended) return;
    const binding = this.binding;
    this.messages++;
    const reports = binding.policy.failureWhen !== undefined && reportsFailure(this, message);
    if (reports) this.findings |= REPORTED_FAILURE;
    if (binding.isResponseStream) {
      if (this.messages === 1) hearAnswer(this);
      if (reports) settleReported(this);
      this.#wait?.restart(this);
      if (binding.policy.classify !== undefined) this.lastMessage = message;
      this.listener.onReceiveMessage?.(message);
      return;
    }
    // A single response that may yet be replaced, or be too late, waits for its status, and so does the null that stands for none.
    // More than one answer: their caller has to know, and nothing can be replaced any more.
    if (binding.withholds && this.messages === 2) this.listener.onReceiveMessage?.(this.lastMessage);
    this.lastMessage = message;
    if (!binding.withholds || this.messages > 1) this.listener.onReceiveMessage?.(message);
    else if (binding.isClientStreaming) {
      // Its caller would ask for what comes after the message.
      this.#readsAhead++;
      this.#next?.startRead();
    }
  }

  onReceiveStatus(status: StatusObject): void {
    if (this.#ended) return;
    this.#end();
    try {
      if (this.binding.enforces || !hasParted(this)) settleCall(this, status);
    } catch (error) {
      settleUnjudged(this, 'notJudged');
      this.binding.warnOnce(`judging a call of ${this.binding.method} failed; the call goes on`, error);
    }
    this.#finish(status);
  }

  checkOverdue(nowMs: number): void {
    if (this.#ended) return;
    if (!this.binding.enforces) {
      if (partWhenOverdue(this, this.#wait, nowMs)) this.binding.context.inFlight.unlimit(this);
      return;
    }
    const overdue = this.#wait?.overdue(this, nowMs);
    if (overdue === undefined) return;
    this.#end();
    this.#next?.cancelWithStatus(Status.CANCELLED, overdue.details);
    // Not from here: what its caller throws is theirs, and other streams are still to be looked at.
    queueMicrotask(() => this.#finish(overdue));
    settleOverdue(this, overdue);
  }

  get #isUndecided(): boolean {
    return this.entry === undefined && this.metadata !== undefined && this.local === undefined;
  }

  #guardWait(): void {
    const leftMs = this.budgetMs - (this.binding.context.clock.now() - this.startedMs);
    this.#guard = new WaitGuard(this.options, leftMs, (code, details) => this.#answerLocally().cancel(code, details));
  }

  #decide(metadata: Metadata, request: unknown): void {
    this.#guard?.release();
    const entry = this.binding.entryFor(metadata, request);
    this.entry = entry;
    // Without a guard the request came in the turn of the start: no time has passed.
    const now = this.#guard === undefined ? this.startedMs : this.binding.context.clock.now();
    this.askedMs = now;
    const leftMs = judgedBudgetMs(this) - (now - this.startedMs);
    if (!entry.breaker.acquire(this, now, leftMs)) return this.#reject(entry, now, leftMs);
    this.binding.context.recorder?.callAdmitted(this, entry, now, leftMs);
    if (this.permitGeneration === UNJUDGED) wouldReject(this, entry, now);
    this.#pass(metadata, now);
  }

  /** The request went out, or the part of it that the dependency may answer. */
  #sent(): void {
    this.hasSent = true;
    this.requests++;
    this.#ask();
  }

  /** Before now the dependency cannot have been late: it had no request, or nobody wanted its answer. */
  #ask(): void {
    if (this.#next === undefined || this.#ended) return;
    this.#wait?.update(this);
    if (this.binding.isResponseStream && this.messages > 0) return;
    this.askedMs = this.binding.context.clock.now();
    this.#watch();
  }

  /** From now on the dependency can be late, where it has what it needs and its caller wants to hear. */
  #watch(): void {
    if (!this.hasSent || (this.binding.isResponseStream && this.reads === 0)) return;
    this.binding.context.inFlight.ask(this, this.entry as BreakerEntry);
  }

  #pass(metadata: Metadata, now: number): void {
    const { inFlight } = this.binding.context;
    try {
      this.#next = this.#nextCall(this.options);
    } catch (error) {
      // A closed client. The caller may be an asynchronous interceptor: an exception would reach nobody.
      settleUnjudged(this, 'notSent');
      this.#ended = true;
      const status = { code: Status.UNAVAILABLE, details: (error as Error).message, metadata: new Metadata() };
      const answer = this.#answerLocally();
      setImmediate(() => answer.deliver({ metadata: undefined, messages: [], status }));
      return;
    }
    inFlight.begin(this, now);
    this.#watch();
    if (this.binding.limitsStream) this.#wait = new MessageWait(this);
    if (this.binding.isLimited) inFlight.limit(this, now);
    try {
      this.#next.start(metadata, this);
    } catch (error) {
      settleUnjudged(this, 'notSent');
      inFlight.unlimit(this);
      throw error;
    }
    // An asynchronous interceptor outside lets reads come before the start.
    for (let read = 0; read < this.reads; read++) this.#next.startRead();
  }

  #reject(entry: BreakerEntry, now: number, leftMs: number): void {
    this.#ended = true;
    this.#rejection = entry.breaker.rejection(now);
    tellRejected(this, entry, this.#rejection.reason, now, leftMs);
    this.#answerLocally();
    this.#answerRejectionSoon();
  }

  #answerRejectionSoon(): void {
    this.#waitsForRequest = false;
    this.#guard?.release();
    setImmediate(() => this.#answerRejection(this.entry as BreakerEntry, this.#rejection as Rejection));
  }

  #answerRejection({ breaker }: BreakerEntry, rejection: Rejection): void {
    const local = this.#answerLocally();
    if (local.isEnded) return;
    const { fallback, isRequestStream, policy } = this.binding;
    const original = () => rejectedResponse(breaker.name, rejection, policy.rejectionCode);
    if (!this.fallsBack || fallback?.on.rejected !== true) local.deliver(original());
    // An interceptor outside may still be at work on the request.
    else if (this.request === undefined && !isRequestStream && !this.isRequestEnded) {
      this.#waitsForRequest = true;
      this.#guardWait();
    } else deliverFallback(this, local, { cause: 'rejected', rejection }, original);
  }

  #end(): void {
    this.#ended = true;
    if (this.binding.isLimited) this.binding.context.inFlight.unlimit(this);
  }

  /** Gives the caller what there is to give: the dependency's answer, or what the fallback has in its place. */
  #finish(status: StatusObject): void {
    if (this.binding.isPlain) return this.listener.onReceiveStatus?.(status);
    if (this.memoryKey !== undefined && !this.is(PARTED)) rememberAnswer(this, status);
    checkAge(this, status);
    if (!this.binding.enforces) noteEnd(this, status);
    const reason = this.binding.enforces && this.fallsBack ? fallbackReason(this, status) : undefined;
    if (reason === undefined) return handThrough(this, status);
    const local = this.#answerLocally();
    setImmediate(() => deliverFallback(this, local, reason, () => originalResponse(this, status)));
  }

  #answerLocally(): LocalAnswer {
    this.local ??= new LocalAnswer(this.listener, this.binding.isResponseStream, this.reads - this.messages);
    return this.local;
  }
}
