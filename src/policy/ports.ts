import type { Outcome } from '../core/outcome.ts';
import type { Rejection } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/state.ts';
import type { Verdict } from '../core/verdict.ts';
import type { CauseFilter, FallbackCause, Want } from './fallback-cause.ts';
import type { BreakerEntry } from './registry.ts';
import type { SkipReason } from './skip-reason.ts';

/**
 * Watches calls, for telemetry. The only thing of telemetry's on the call's way, so it must be quick.
 * The context is what `callStarted` returned for the same call; the interceptor only carries it.
 */
export interface CallObserver {
  /** A call begins: takes what belongs to its caller, such as the active span. */
  callStarted(): unknown;
  /**
   * A call that was let through has ended, after so many milliseconds, below 0 where that is not known because this process held it up; told
   * before the breaker hears of it, so that a trip finds its causes.
   * @param isJudged - false for a call that enforcement would have refused: it brings about no change of state
   */
  callEnded(
    context: unknown,
    entry: BreakerEntry,
    outcome: Outcome,
    statusCode: number,
    durationMs: number,
    isJudged?: boolean,
  ): void;
  /**
   * A call that waits for its answer has become slow; told before the breaker hears of it.
   * @param isKnown - it was told before, and is looked at once more
   */
  callSlow(context: unknown, entry: BreakerEntry, isKnown: boolean): void;
  /** A call was refused. */
  callRejected(context: unknown, entry: BreakerEntry, reason: RejectionReason): void;
  /** A call is answered by a fallback, where it has an age of so many milliseconds. */
  fallbackServed(context: unknown, entry: BreakerEntry, source: string, cause: FallbackCause, ageMs: number | undefined): void;
  /** Observing, a call is let through that enforcement would have refused. */
  callWouldBeRejected?(context: unknown, entry: BreakerEntry, reason: RejectionReason): void;
  /** Observing, a call goes on that enforcement would have answered by a fallback. */
  fallbackWouldServe?(context: unknown, entry: BreakerEntry, source: string, cause: FallbackCause): void;
}

/** What a fallback needs of metadata. grpc-js's Metadata is one. */
export interface CallMetadata {
  get(key: string): readonly (string | Buffer)[];
}

/** The stubs that a call was made with. */
export interface CallStubs {
  // biome-ignore lint/suspicious/noExplicitAny: the message type is the method's.
  readonly requestSerialize: (request: any) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** What the key of a stored answer is made from. */
export interface AskedCall {
  /** The target that the client was attached with. */
  readonly target: string;
  readonly metadata: CallMetadata;
  /** Tells calls apart whose credentials differ; empty where there are none. */
  readonly credentials: string;
  readonly stubs: CallStubs;
  readonly request: unknown;
}

/** A call that wants a fallback answer. */
export interface FallbackCall extends Want {
  /** The breaker's name. */
  readonly breaker: string;
  /** `pkg.Service/Method`. */
  readonly method: string;
  readonly verdict: Verdict | undefined;
  readonly rejection: Rejection | undefined;
  readonly status: { readonly code: number; readonly details: string } | undefined;
  /** The call's deadline in milliseconds on the clock, Infinity without one. */
  readonly deadlineAtMs: number;
  /** The first request message; undefined when there was none. */
  readonly request: unknown;
  readonly target: string;
  readonly metadata: CallMetadata;
  readonly stubs: CallStubs;
  /** What {@link Fallback.keyOf} gave when the call began. */
  readonly key: unknown;
  /** When a prediction that is made only now is too late, in milliseconds on the clock; Infinity for never. */
  readonly staleAtMs: number;
  /** The source that is waited for now: it is told when the caller cancels. Only the chain writes it. */
  waiting: { abort(reason: Error): void } | undefined;
  /** Hears of a source that was asked and is passed over. */
  readonly onSkip: (source: string, why: SkipReason) => void;
}

/** A call whose fallback would be asked, were its policy enforced. */
export type ShadowedCall = Want & Pick<FallbackCall, 'target' | 'key'>;

/** What a fallback answers. */
export interface FallbackAnswer {
  /** The name of the source that answered. */
  readonly source: string;
  /** Its place in the chain. */
  readonly place: number;
  /** The response messages as they would stand on the wire: one for a method with a single response. Each call decodes its own. */
  readonly messages: readonly Buffer[];
  /** What comes behind them, one message for each that is read. */
  readonly rest?: AsyncIterator<Buffer, unknown> | undefined;
  /** An error is the answer. */
  readonly status?: { readonly code: number; readonly details: string; readonly richStatus: Uint8Array | undefined } | undefined;
  /** When its prediction was asked for, in milliseconds on the clock; undefined where it has no age. */
  readonly bornMs?: number | undefined;
  /** It must not be delivered after this time on the clock. */
  readonly goodUntilMs: number;
}

/** Answers in place of the dependency. Never throws and never rejects: undefined when it has no answer. */
export interface Fallback {
  /** When it can answer at all. */
  readonly on: CauseFilter;
  /** It stores answers: calls are to ask for their key, and to bring good answers. */
  readonly remembers: boolean;
  /** Takes from a call that begins what its stored answer is found by. Never throws. */
  keyOf(call: AskedCall): unknown;
  /** A good answer came to the call with this key, which began at this time on the clock. Never throws. */
  remember(key: unknown, response: unknown, startedMs: number): void;
  /** The answer, at once where it can be had at once. `from` is the place in the chain to begin at. */
  answer(call: FallbackCall, from?: number): FallbackAnswer | undefined | Promise<FallbackAnswer | undefined>;
  /**
   * The name of the source that would answer; undefined for none. Nothing is asked that could notice: stored answers are looked at,
   * functions and calls are taken to have an answer. Never throws.
   */
  wouldAnswer(call: ShadowedCall): string | undefined;
}

/** Finds the fallback of a method, `pkg.Service/Method`; undefined when it has none. */
export type FallbackFinder = (method: string) => Fallback | undefined;

/** Hears of trouble that was kept away from a call: a listener, a fallback or a key function that threw. */
export type WarningHandler = (message: string, error: unknown) => unknown;
