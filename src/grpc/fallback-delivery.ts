import { Metadata, status as Status } from '@grpc/grpc-js';
import { markFallback } from '../policy/fallback-info.ts';
import type { Fallback, FallbackAnswer, FallbackCall } from '../policy/ports.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import type { LocalAnswer, LocalResponse } from './local-answer.ts';
import type { MethodBinding } from './method-binding.ts';

/** Metadata entry that names the source of a fallback answer. */
export const FALLBACK_METADATA = 'grpc-breaker-fallback';

/** A call that is to be answered by its fallback. */
export interface FallbackDelivery {
  readonly binding: MethodBinding;
  readonly entry: BreakerEntry;
  /** What the observer gave for this call. */
  readonly observed: unknown;
  readonly fallback: Fallback;
  readonly call: FallbackCall;
  /** What the caller gets when the fallback has no answer. */
  readonly original: LocalResponse;
  /** The dependency's initial metadata has been delivered: it cannot be delivered again. */
  readonly hasMetadata: boolean;
}

/** Delivers the fallback's answer, or the original response where it has none. To be called from the event loop. */
export function deliverFallback(local: LocalAnswer, delivery: FallbackDelivery): void {
  if (local.isEnded) return;
  const answer = delivery.fallback.answer(delivery.call);
  if (!(answer instanceof Promise)) {
    local.deliver(responseOf(answer, delivery));
    return;
  }
  // Not from the promise's continuation: a caller that retries in its callback would starve timers and I/O.
  const deliver = (later: FallbackAnswer | undefined) =>
    setImmediate(() => {
      if (!local.isEnded) local.deliver(responseOf(later, delivery));
    });
  answer.then(deliver, () => deliver(undefined));
}

function responseOf(
  answer: FallbackAnswer | undefined,
  { binding, entry, observed, call, original, hasMetadata }: FallbackDelivery,
): LocalResponse {
  if (answer === undefined) return original;
  const { source, messages } = answer;
  const { breaker } = entry;
  const info = { source, reason: call.cause, breaker: breaker.name, verdict: breaker.verdict };
  for (const message of messages) markFallback(message, info);
  entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
  binding.context.observer.fallbackServed(observed, entry, source, call.cause);
  const status = { code: Status.OK, details: 'OK', metadata: fallbackMetadata(source) };
  return { metadata: hasMetadata ? undefined : fallbackMetadata(source), messages, status };
}

function fallbackMetadata(source: string): Metadata {
  const metadata = new Metadata();
  metadata.set(FALLBACK_METADATA, source);
  return metadata;
}
