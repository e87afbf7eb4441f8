import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import { silence } from '../core/silence.ts';
import { type FallbackInfo, markFallback } from '../policy/fallback-info.ts';
import type { FallbackAnswer } from '../policy/ports.ts';
import { STATUS_DETAILS } from '../policy/rich-status.ts';
import { AskingCall, type FallbackReason } from './asking-call.ts';
import type { CallRecord } from './call-record.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';
import { toStatus } from './to-status.ts';
import { WaitGuard } from './wait-guard.ts';

export type { FallbackReason } from './asking-call.ts';

/** Metadata entry that names the source of a fallback answer. */
export const FALLBACK_METADATA = 'grpc-breaker-fallback';

/** Metadata entry with the age of a stored answer, in whole milliseconds. */
const AGE_METADATA = 'grpc-breaker-age-ms';

/** What a stream has left whose deadline has passed before its fallback answers, in milliseconds. */
const REST_GRACE_MS = 25;

/** Delivers the fallback's answer, or the original response where it has none. To be called from the event loop. */
export function deliverFallback(
  call: CallRecord,
  local: LocalAnswer,
  reason: FallbackReason,
  original: () => LocalResponse,
): void {
  const { entry } = call;
  const { fallback } = call.binding;
  if (local.isEnded || entry === undefined || fallback === undefined) return;
  ask(new AskingCall(call, entry, local, fallback, reason, original), 0);
}

/** Asks from a place of the chain on. */
function ask(asking: AskingCall, from: number): void {
  const answer = asking.fallback.answer(asking, from);
  if (!(answer instanceof Promise)) return deliver(asking, answer);
  const { record, local } = asking;
  local.onCancel = () => asking.waiting?.abort(new Error('the caller cancelled'));
  // Nothing below it would hear that the call is cancelled which it was made in. Its deadline is the chain's.
  const guard = new WaitGuard(record.options, Infinity, (code, details) => local.cancel(code, details));
  // Not from the promise's continuation: a caller that retries in its callback would starve timers and I/O.
  const deliverLater = (later: FallbackAnswer | undefined) =>
    void setImmediate(() => {
      guard.release();
      deliver(asking, later);
    });
  answer.then(deliverLater, () => deliverLater(undefined));
}

function deliver(asking: AskingCall, answer: FallbackAnswer | undefined): void {
  const { record, local } = asking;
  if (local.isEnded) {
    leave(answer?.rest);
    return;
  }
  if (answer === undefined) {
    local.deliver(asking.original());
    return;
  }
  let response: LocalResponse | undefined;
  try {
    response = toResponse(asking, answer);
    if (response === undefined) asking.onSkip(answer.source, 'tooOld');
  } catch (error) {
    asking.onSkip(answer.source, 'failed');
    record.binding.warnOnce(
      `the stubs of a call of ${record.binding.method} cannot read what fallback source "${answer.source}" answers`,
      error,
    );
  }
  if (response === undefined) {
    leave(answer.rest);
    return ask(asking, answer.place + 1);
  }
  if (response.rest !== undefined) guardRest(asking);
  local.deliver(response);
}

/** Keeps the deadline and the parent's cancel of a stream whose messages are still to be made. A fallback call's own deadline comes first. */
function guardRest({ record, local, deadlineAtMs }: AskingCall): void {
  const leftMs = Math.max(deadlineAtMs - record.binding.context.clock.now(), REST_GRACE_MS) + 1;
  const guard = new WaitGuard(record.options, Math.ceil(leftMs), (code, details) => {
    local.cancel(code, code === Status.DEADLINE_EXCEEDED ? 'Deadline exceeded in the middle of a fallback' : details);
  });
  local.onEnd = () => guard.release();
}

/** An answer as the wire would bring it; undefined where it has become too old on the way. @throws what the stubs throw */
function toResponse({ record, entry, cause, verdict }: AskingCall, answer: FallbackAnswer): LocalResponse | undefined {
  const { source, status, bornMs, goodUntilMs, rest } = answer;
  const { context } = record.binding;
  // The stubs of this very call, which need not be those that were registered.
  const stubs = record.options.method_definition;
  const messages: unknown[] = [];
  for (const bytes of answer.messages) messages.push(stubs.responseDeserialize(bytes));
  const isTimed = bornMs !== undefined || goodUntilMs !== Infinity;
  const nowMs = isTimed ? context.clock.now() : 0;
  if (nowMs > goodUntilMs) return undefined;
  const ageMs = bornMs === undefined ? undefined : nowMs - bornMs;
  const info: FallbackInfo = { source, reason: cause, ageMs, breaker: entry.breaker.name, verdict };
  for (const message of messages) markFallback(message, info);
  entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
  context.observer.fallbackServed(record.observed, entry, source, cause, ageMs);
  const metadata = fallbackMetadata(source, ageMs);
  if (status !== undefined) return { metadata: undefined, messages: [], status: errorStatus(status, metadata, info) };
  return {
    // The dependency's own initial metadata may have been delivered: it cannot be delivered again.
    metadata: record.sawHeaders ? undefined : metadata.clone(),
    messages,
    rest: rest === undefined ? undefined : decoded(rest, (bytes) => stubs.responseDeserialize(bytes), info),
    status: { code: Status.OK, details: 'OK', metadata },
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

/** Nobody reads on. An iterator of the user's may throw, or reject. */
function leave(rest: FallbackAnswer['rest']): void {
  const end = async () => rest?.return?.();
  if (rest !== undefined) silence(end(), () => {});
}

/** The rest of a streamed answer, each message decoded when it is read. */
function decoded(
  rest: AsyncIterator<Buffer, unknown>,
  decode: (bytes: Buffer) => unknown,
  info: FallbackInfo,
): AsyncIterator<unknown, unknown> {
  return {
    next: async () => {
      try {
        const { done, value } = await rest.next();
        if (done === true) return { done, value: undefined };
        const message = decode(value);
        markFallback(message, info);
        return { value: message };
      } catch (error) {
        // Nobody reads on: a call that it comes from would stay open.
        leave(rest);
        throw error;
      }
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
