import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Rejection } from '../core/snapshot.ts';
import type { Want } from '../policy/fallback-cause.ts';
import { type FallbackInfo, markFallback } from '../policy/fallback-info.ts';
import type { Fallback, FallbackAnswer, FallbackCall } from '../policy/ports.ts';
import { type BreakerEntry, countSkip } from '../policy/registry.ts';
import { STATUS_DETAILS } from '../policy/rich-status.ts';
import type { CallRecord } from './call-record.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';
import { toStatus } from './to-status.ts';
import { WaitGuard } from './wait-guard.ts';

/** Metadata entry that names the source of a fallback answer. */
export const FALLBACK_METADATA = 'grpc-breaker-fallback';

/** Metadata entry with the age of a stored answer, in whole milliseconds. */
const AGE_METADATA = 'grpc-breaker-age-ms';

/** Why a fallback is asked. */
export interface FallbackReason extends Want {
  readonly rejection?: Rejection;
  readonly status?: StatusObject;
}

/** A call that asks its fallback, and what it has asked with. */
interface Asking {
  readonly call: CallRecord;
  readonly entry: BreakerEntry;
  readonly local: LocalAnswer;
  readonly fallback: Fallback;
  readonly asked: FallbackCall;
  /** What its caller gets where nothing answers. */
  readonly original: () => LocalResponse;
}

/** Delivers the fallback's answer, or the original response where it has none. To be called from the event loop. */
export function deliverFallback(
  call: CallRecord,
  local: LocalAnswer,
  reason: FallbackReason,
  original: () => LocalResponse,
): void {
  const { binding, entry, startedMs } = call;
  const { fallback } = binding;
  if (local.isEnded || entry === undefined || fallback === undefined) return;
  const asked: FallbackCall = {
    cause: reason.cause,
    ...(reason.code !== undefined && { code: reason.code }),
    ...(reason.isFailure !== undefined && { isFailure: reason.isFailure }),
    breaker: entry.breaker.name,
    method: binding.method,
    verdict: entry.breaker.verdict,
    rejection: reason.rejection,
    status: reason.status,
    deadlineAtMs: startedMs + call.budgetMs,
    request: call.request,
    target: binding.target,
    metadata: call.metadata as Metadata,
    stubs: call.options.method_definition,
    key: call.memoryKey,
    staleAtMs: startedMs + binding.staleAfterMs,
    waiting: undefined,
    onSkip: (source, why) => countSkip(entry, source, why),
  };
  local.onCancel = () => asked.waiting?.abort(new Error('the caller cancelled'));
  ask({ call, entry, local, fallback, asked, original }, 0);
}

/** Asks from a place of the chain on. */
function ask(asking: Asking, from: number): void {
  const answer = asking.fallback.answer(asking.asked, from);
  if (!(answer instanceof Promise)) return deliver(asking, answer);
  const { call, local } = asking;
  // Nothing below it would hear that the call is cancelled which it was made in. Its deadline is the chain's.
  const guard = new WaitGuard(call.options, Infinity, (code, details) => local.cancel(code, details));
  // Not from the promise's continuation: a caller that retries in its callback would starve timers and I/O.
  const deliverLater = (later: FallbackAnswer | undefined) =>
    void setImmediate(() => {
      guard.release();
      deliver(asking, later);
    });
  answer.then(deliverLater, () => deliverLater(undefined));
}

function deliver(asking: Asking, answer: FallbackAnswer | undefined): void {
  const { call, local, original, asked } = asking;
  if (local.isEnded) {
    void answer?.rest?.return?.();
    return;
  }
  if (answer === undefined) {
    local.deliver(original());
    return;
  }
  let response: LocalResponse | undefined;
  try {
    response = toResponse(asking, answer);
    if (response === undefined) asked.onSkip(answer.source, 'tooOld');
  } catch (error) {
    asked.onSkip(answer.source, 'failed');
    call.binding.warnOnce(
      `the stubs of a call of ${call.binding.method} cannot read what fallback source "${answer.source}" answers`,
      error,
    );
  }
  if (response === undefined) return ask(asking, answer.place + 1);
  local.deliver(response);
}

/** An answer as the wire would bring it; undefined where it has become too old on the way. @throws what the stubs throw */
function toResponse({ call, entry, asked }: Asking, answer: FallbackAnswer): LocalResponse | undefined {
  const { source, status, bornMs, goodUntilMs, rest } = answer;
  const { context } = call.binding;
  // The stubs of this very call, which need not be those that were registered.
  const decode = (bytes: Buffer) => call.options.method_definition.responseDeserialize(bytes);
  const messages = answer.messages.map(decode);
  const isTimed = bornMs !== undefined || goodUntilMs !== Infinity;
  const nowMs = isTimed ? context.clock.now() : 0;
  if (nowMs > goodUntilMs) return undefined;
  const ageMs = bornMs === undefined ? undefined : nowMs - bornMs;
  const { cause, breaker, verdict } = asked;
  const info: FallbackInfo = { source, reason: cause, ageMs, breaker, verdict };
  for (const message of messages) markFallback(message, info);
  entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
  context.observer.fallbackServed(call.observed, entry, source, cause, ageMs);
  const metadata = () => fallbackMetadata(source, ageMs);
  if (status !== undefined) return { metadata: undefined, messages: [], status: errorStatus(status, metadata(), info) };
  return {
    // The dependency's own initial metadata may have been delivered: it cannot be delivered again.
    metadata: call.sawHeaders ? undefined : metadata(),
    messages,
    rest: rest === undefined ? undefined : decoded(rest, decode, info),
    status: { code: Status.OK, details: 'OK', metadata: metadata() },
  };
}

function errorStatus(
  { code, details, richStatus }: NonNullable<FallbackAnswer['status']>,
  metadata: Metadata,
  info: FallbackInfo,
): StatusObject {
  if (richStatus !== undefined) metadata.set(STATUS_DETAILS, Buffer.from(richStatus));
  markFallback(metadata, info);
  return { code: toStatus(code), details, metadata };
}

/** The rest of a streamed answer, each message decoded when it is read. */
function decoded(
  rest: AsyncIterator<Buffer, unknown>,
  decode: (bytes: Buffer) => unknown,
  info: FallbackInfo,
): AsyncIterator<unknown, unknown> {
  return {
    next: async () => {
      const { done, value } = await rest.next();
      if (done === true) return { done, value: undefined };
      const message = decode(value);
      markFallback(message, info);
      return { value: message };
    },
    return: async () => (await rest.return?.()) ?? { done: true, value: undefined },
  };
}

function fallbackMetadata(source: string, ageMs: number | undefined): Metadata {
  const metadata = new Metadata();
  metadata.set(FALLBACK_METADATA, source);
  if (ageMs !== undefined) metadata.set(AGE_METADATA, String(Math.ceil(ageMs)));
  return metadata;
}
