import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Rejection } from '../core/snapshot.ts';
import { serves, type Want } from '../policy/fallback-cause.ts';
import { fallbackOf } from '../policy/fallback-info.ts';
import { encodeStatus, STATUS_DETAILS } from '../policy/rich-status.ts';
import { type CallRecord, FAILED, STALE, SUCCEEDED } from './call-record.ts';
import { FALLBACK_METADATA, type FallbackReason } from './fallback-delivery.ts';
import type { LocalResponse } from './local-answer.ts';
import { ERROR_DOMAIN, rejectionStatus } from './rejection.ts';

/** Why the fallback is to answer a call that was let through and has ended; undefined where it is not. */
export function fallbackReason(call: CallRecord, status: StatusObject): FallbackReason | undefined {
  const { binding, messages, cancelledWith } = call;
  const isFailed = call.is(FAILED);
  const isStale = call.is(STALE);
  const { fallback, isResponseStream, policy } = binding;
  if (fallback === undefined || !binding.replacesFailures || cancelledWith !== undefined) return undefined;
  if (messages > (isResponseStream ? 0 : 1) && !(isResponseStream && policy.stream.appends)) return undefined;
  const { on } = fallback;
  if (isStale) {
    const late = staleStatus(call, status);
    if (serves(on, { cause: 'stale' })) return { cause: 'stale', status: late };
    const want: Want = { cause: 'failed', code: late.code, isFailure: true };
    return serves(on, want) ? { ...want, status: late } : undefined;
  }
  if (status.code === Status.OK && !isFailed) return undefined;
  const want: Want = { cause: 'failed', code: status.code, isFailure: isFailed };
  return serves(on, want) ? { ...want, status } : undefined;
}

/** What its caller gets of a call that was refused, where its fallback has no answer. @param code - as the policy has it */
export function rejectedResponse(breaker: string, rejection: Rejection, code: number): LocalResponse {
  return { metadata: undefined, messages: [], status: rejectionStatus(breaker, rejection, code) };
}

/** What its caller gets of a call that has ended, where its fallback has no answer. */
export function originalResponse(call: CallRecord, status: StatusObject): LocalResponse {
  if (call.is(STALE)) return { metadata: undefined, messages: [], status: staleStatus(call, status) };
  const messages = call.messages === 0 || call.binding.isResponseStream ? [] : [call.lastMessage];
  return { metadata: undefined, messages, status };
}

/** Gives its caller the dependency's own answer, or says that it came too late. */
export function handThrough(call: CallRecord, status: StatusObject): void {
  const { binding, listener, messages } = call;
  const isStale = binding.enforces && call.is(STALE);
  if (binding.withholds && messages === 1) listener.onReceiveMessage?.(isStale ? null : call.lastMessage);
  listener.onReceiveStatus?.(isStale ? staleStatus(call, status) : status);
}

/** Stores a good answer, where its fallback stores answers: never another fallback's, whether of this process or of one behind it. */
export function rememberAnswer(call: CallRecord, status: StatusObject): void {
  const { binding, startedMs, lastMessage, memoryKey } = call;
  if (!call.is(SUCCEEDED) || status.code !== Status.OK || call.messages !== 1 || fallbackOf(lastMessage) !== undefined) return;
  // Behind headers that were sent already, only the trailers can say so. Interceptors below may make a status without them.
  const trailers = status.metadata as Metadata | undefined;
  if (lastMessage === null || !isOwnAnswer(trailers)) return;
  binding.fallback?.remember(memoryKey, lastMessage, startedMs);
}

/** Whether trailers do not say that the answer is a fallback's. Those that are no metadata say nothing. */
function isOwnAnswer(trailers: Partial<Metadata> | undefined): boolean {
  return typeof trailers?.get !== 'function' || trailers.get(FALLBACK_METADATA).length === 0;
}

/** Looks at the age of a good answer at the last moment: what was done since its status came may have taken time. */
export function checkAge(call: CallRecord, status: StatusObject): void {
  const { binding, startedMs } = call;
  if (binding.staleAfterMs === Infinity || status.code !== Status.OK) return;
  if (binding.context.clock.now() - startedMs > binding.staleAfterMs) call.findings |= STALE;
}

/** The status of a call whose answer came too late to be delivered, or not at all within `staleAfter`, with its age. */
function staleStatus({ binding, entry, startedMs }: CallRecord, ended: StatusObject): StatusObject {
  const { staleAfterMs, context } = binding;
  const ageMs = Math.ceil(context.clock.now() - startedMs);
  const isLate = ended.code === Status.OK;
  const what = isLate ? `the answer was ${ageMs} ms old when it could be delivered` : `no answer came in ${ageMs} ms`;
  const details = `${what}; staleAfter is ${staleAfterMs} ms${isLate ? '' : ` (${ended.details})`}`;
  const code = Status.DEADLINE_EXCEEDED;
  const errorInfo = {
    reason: 'STALE_ANSWER',
    domain: ERROR_DOMAIN,
    metadata: { breaker: entry?.breaker.name ?? '', age_ms: String(ageMs), stale_after_ms: String(staleAfterMs) },
  };
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS, Buffer.from(encodeStatus({ code, message: details, errorInfo })));
  return { code, details, metadata };
}
