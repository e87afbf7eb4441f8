import { Metadata, status as Status } from '@grpc/grpc-js';
import { markFallback } from '../policy/fallback-info.ts';
import type { FallbackCause } from '../policy/fallback-options.ts';
import type { FallbackAnswer, FallbackCall } from '../policy/ports.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { CallRecord } from './call-record.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';

/** Metadata entry that names the source of a fallback answer. */
const FALLBACK_METADATA = 'grpc-breaker-fallback';

/** Why a fallback is asked. */
export type FallbackReason = Pick<FallbackCall, 'cause' | 'rejection' | 'status'>;

/**
 * Delivers the fallback's answer, or the original response where it has none. To be called from the event loop.
 * @param request - the first request message, undefined without one
 */
export function deliverFallback(
  local: LocalAnswer,
  record: CallRecord,
  reason: FallbackReason,
  request: unknown,
  original: LocalResponse,
): void {
  const { binding, entry } = record;
  if (local.isEnded || entry === undefined || binding.fallback === undefined) return;
  const deadlineLeftMs = record.budgetMs - (binding.context.clock.now() - record.startedMs);
  const call = { ...reason, breaker: entry.breaker.name, method: binding.method, request, deadlineLeftMs };
  const deliver = (answer: FallbackAnswer | undefined) => {
    if (local.isEnded) return;
    local.deliver(answer === undefined ? original : toResponse(answer, record, entry, reason.cause));
  };
  const answer = binding.fallback.answer(call);
  if (!(answer instanceof Promise)) return deliver(answer);
  // Not from the promise's continuation: a caller that retries in its callback would starve timers and I/O.
  const deliverLater = (later: FallbackAnswer | undefined) => setImmediate(deliver, later);
  answer.then(deliverLater, () => deliverLater(undefined));
}

function toResponse(
  { source, messages }: FallbackAnswer,
  record: CallRecord,
  entry: BreakerEntry,
  cause: FallbackCause,
): LocalResponse {
  const { breaker } = entry;
  const info = { source, reason: cause, breaker: breaker.name, verdict: breaker.verdict };
  for (const message of messages) markFallback(message, info);
  entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
  record.binding.context.observer.fallbackServed(record.observed, entry, source, cause);
  const status = { code: Status.OK, details: 'OK', metadata: fallbackMetadata(source) };
  // The dependency's own initial metadata may have been delivered: it cannot be delivered again.
  return { metadata: record.sawHeaders ? undefined : fallbackMetadata(source), messages, status };
}

function fallbackMetadata(source: string): Metadata {
  const metadata = new Metadata();
  metadata.set(FALLBACK_METADATA, source);
  return metadata;
}
