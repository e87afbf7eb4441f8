import type { InterceptingListener, InterceptorOptions, Metadata, status as Status } from '@grpc/grpc-js';
import { NO_PERMIT } from '../core/permit.ts';
import { isFallbackCall } from '../policy/fallback-call-mark.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { WatchedCall } from '../policy/watched-call.ts';
import type { LocalAnswer } from './local-answer.ts';
import type { MethodBinding } from './method-binding.ts';
import type { HeldCall } from './stalls.ts';

/** Hears nothing, before `start` says who listens. */
const NOBODY: Partial<InterceptingListener> = {};

/** A response message reported a failure, whatever the status will say. */
export const REPORTED_FAILURE = 1;
/** It counted as a success. */
export const SUCCEEDED = 2;
/** It failed for its caller through no fault of theirs, so that a fallback may answer. */
export const FAILED = 4;
/** Its answer came later than `staleAfter` allows, or that limit ended it. */
export const STALE = 8;

/** The breaker has heard how it ended. */
export const TOLD = 16;
/** Observing: enforcement would have refused it, or ended it by now. What becomes of it is not what enforcement would see. */
export const PARTED = 32;
/** Observing: the fallback that it would have had would wait for its request. */
export const AWAITS_REQUEST = 64;

/** What is known of a call while it is under way and when its status comes. Times are of the registry's clock, in milliseconds. */
export abstract class CallRecord implements WatchedCall, HeldCall {
  permitGeneration: number = NO_PERMIT;
  permitTrial = -1;
  permitSlow = 0;
  watchPrevious: WatchedCall | undefined;
  watchNext: WatchedCall | undefined;
  isListed = false;

  readonly binding: MethodBinding;
  /** What the observer gave for this call. */
  readonly observed: unknown;
  entry: BreakerEntry | undefined;
  /** It was sent, and waits for its answer: the first message of a stream, the status of others. */
  isUnderWay = false;
  /** The dependency had all it needs to answer, and its caller wanted to hear. */
  isAsked = false;
  startedMs = 0;
  /** When the dependency had all it needs to answer: at the start, for client streams at their end, for bidi streams at the last request. */
  askedMs = 0;
  stallsBefore = 0;
  lateBeforeMs = 0;
  /** Time to the first message of a stream; below 0 without one, or where this process held it up. */
  latencyMs = -1;
  /** Milliseconds that its deadline left it at the start, Infinity for none. */
  budgetMs: number = Infinity;
  /** Messages that the caller sent, of a bidi stream. */
  requests = 0;
  /** The dependency has a request to answer. */
  hasSent: boolean;
  /** The caller has said that nothing more comes. */
  isRequestEnded = false;
  /** The server sent headers. */
  sawHeaders = false;
  /** The last message, undefined or null without one. */
  lastMessage: unknown;
  /** Messages that came. */
  messages = 0;
  /** Messages of a stream that its consumer asked for. */
  reads = 0;
  /** The caller cancelled, with this status. */
  cancelledWith: Status | undefined;
  /** What it has been found to be: one number, because each field of this object costs every call. */
  findings = 0;

  /** What its caller gave, for the call below and for its fallback. */
  options: InterceptorOptions;
  /** Set by `start`. */
  metadata: Metadata | undefined;
  /** The first request message. */
  request: unknown;
  /** What its fallback finds a stored answer by. */
  memoryKey: unknown;
  /** Who hears it. */
  listener: Partial<InterceptingListener> = NOBODY;
  /** This side's answer, where it gives one. */
  local: LocalAnswer | undefined;

  /** The recorder's own. Set only where there is one: a field costs every call. */
  declare recorded: unknown;

  protected constructor(binding: MethodBinding, options: InterceptorOptions) {
    this.binding = binding;
    this.options = options;
    this.hasSent = !binding.isRequestStream;
    this.observed = binding.context.observer.callStarted();
  }

  /** Its caller may have it answered by a fallback, and its answer stored. */
  get fallsBack(): boolean {
    return this.binding.fallback !== undefined && !isFallbackCall(this.options);
  }

  /** Whether it has been found to be so. */
  is(finding: number): boolean {
    return (this.findings & finding) !== 0;
  }
}
