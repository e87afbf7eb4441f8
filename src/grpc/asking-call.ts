import type { Metadata, StatusObject } from '@grpc/grpc-js';
import type { Rejection } from '../core/snapshot.ts';
import type { Verdict } from '../core/verdict.ts';
import type { FallbackCause, Want } from '../policy/fallback-cause.ts';
import type { CallStubs, Fallback, FallbackCall } from '../policy/ports.ts';
import { type BreakerEntry, countSkip } from '../policy/registry.ts';
import type { SkipReason } from '../policy/skip-reason.ts';
import type { CallRecord } from './call-record.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';

/** Why a fallback is asked. */
export interface FallbackReason extends Want {
  readonly rejection?: Rejection;
  readonly status?: StatusObject;
}

/**
 * A call that asks its fallback. What a source may want to know of the call is looked up when it does: most want nothing, and where everybody's calls
 * are refused there are many.
 */
export class AskingCall implements FallbackCall {
  readonly cause: FallbackCause;
  readonly code?: number;
  readonly isFailure?: boolean;
  readonly verdict: Verdict | undefined;
  readonly rejection: Rejection | undefined;
  readonly status: StatusObject | undefined;
  waiting: FallbackCall['waiting'];
  readonly record: CallRecord;
  readonly entry: BreakerEntry;
  readonly local: LocalAnswer;
  readonly fallback: Fallback;
  /** What its caller gets where nothing answers. */
  readonly original: () => LocalResponse;

  constructor(
    record: CallRecord,
    entry: BreakerEntry,
    local: LocalAnswer,
    fallback: Fallback,
    { cause, code, isFailure, rejection, status }: FallbackReason,
    original: () => LocalResponse,
  ) {
    this.cause = cause;
    if (code !== undefined) this.code = code;
    if (isFailure !== undefined) this.isFailure = isFailure;
    // As it was when the call came to its end: a function may look at it later.
    this.verdict = entry.breaker.verdict;
    this.rejection = rejection;
    this.status = status;
    this.waiting = undefined;
    this.record = record;
    this.entry = entry;
    this.local = local;
    this.fallback = fallback;
    this.original = original;
  }

  get breaker(): string {
    return this.entry.breaker.name;
  }

  get method(): string {
    return this.record.binding.method;
  }

  get deadlineAtMs(): number {
    return this.record.startedMs + this.record.budgetMs;
  }

  get request(): unknown {
    return this.record.request;
  }

  get target(): string {
    return this.record.binding.target;
  }

  get metadata(): Metadata {
    return this.record.metadata as Metadata;
  }

  get stubs(): CallStubs {
    return this.record.options.method_definition;
  }

  get key(): unknown {
    return this.record.memoryKey;
  }

  get staleAtMs(): number {
    return this.record.startedMs + this.record.binding.staleAfterMs;
  }

  onSkip(source: string, why: SkipReason): void {
    countSkip(this.entry, source, why);
  }
}
