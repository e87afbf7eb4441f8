import { Metadata, status as Status } from '@grpc/grpc-js';
import { markFallback } from '../policy/fallback-info.ts';
import type { FallbackAnswer, FallbackCall } from '../policy/ports.ts';
import type { CallRecord } from './call-record.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';

/** Metadata entry that names the source of a fallback answer. */
const FALLBACK_METADATA = 'grpc-breaker-fallback';

/** Why a fallback is asked. */
export type FallbackReason = Pick<FallbackCall, 'cause' | 'rejection' | 'status'>;

/**
 * Delivers the fallback's answer, or the original response where it has none. To be called from the event loop.
 * @param request - the first request message, undefined without one
 * @param decode - makes a response message from bytes, with the stubs of this very call
 */
export function deliverFallback(
  local: LocalAnswer,
  record: CallRecord,
  reason: FallbackReason,
  request: unknown,
  original: LocalResponse,
  decode: (bytes: Buffer) => unknown,
): void {
  const { binding, entry } = record;
  if (local.isEnded || entry === undefined || binding.fallback === undefined) return;
  const deadlineLeftMs = record.budgetMs - (binding.context.clock.now() - record.startedMs);
  const call = {
    ...reason,
    breaker: entry.breaker.name,
    method: binding.method,
    request,
    deadlineLeftMs: Math.max(0, deadlineLeftMs),
  };
  const deliver = (answer: FallbackAnswer | undefined) => {
    if (!local.isEnded) local.deliver(toResponse(answer) ?? original);
  };
  const answer = binding.fallback.answer(call);
  if (!(answer instanceof Promise)) return deliver(answer);
  // Not from the promise's continuation: a caller that retries in its callback would starve timers and I/O.
  const deliverLater = (later: FallbackAnswer | undefined) => setImmediate(deliver, later);
  answer.then(deliverLater, () => deliverLater(undefined));

  function toResponse(answered: FallbackAnswer | undefined): LocalResponse | undefined {
    if (answered === undefined || entry === undefined) return undefined;
    const { source } = answered;
    try {
      const messages = answered.messages.map((bytes) => decode(bytes));
      const info = { source, reason: reason.cause, breaker: entry.breaker.name, verdict: entry.breaker.verdict };
      for (const message of messages) markFallback(message, info);
      entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
      binding.context.observer.fallbackServed(record.observed, entry, source, reason.cause);
      const status = { code: Status.OK, details: 'OK', metadata: fallbackMetadata(source) };
      // The dependency's own initial metadata may have been delivered: it cannot be delivered again.
      return { metadata: record.sawHeaders ? undefined : fallbackMetadata(source), messages, status };
    } catch (error) {
      binding.warnOnce(`the stubs of a call of ${binding.method} cannot read what fallback source "${source}" answers`, error);
      return undefined;
    }
  }
}

function fallbackMetadata(source: string): Metadata {
  const metadata = new Metadata();
  metadata.set(FALLBACK_METADATA, source);
  return metadata;
}
