import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { BreakerEntry } from '../policy/registry.ts';
import { ATTRIBUTES, SPANS } from './names.ts';

interface Served {
  readonly rejected: number;
  readonly wouldReject: number;
  readonly fallbacks: number;
}

function served({ breaker, fallbacks }: BreakerEntry): Served {
  const { rejected, wouldReject } = breaker.snapshot().counts;
  let fallbackCount = 0;
  for (const count of fallbacks.values()) fallbackCount += count;
  return { rejected: rejected.open + rejected.forced, wouldReject: wouldReject.open + wouldReject.halfOpen, fallbacks: fallbackCount };
}

/** The span of one open period. It ends with what was refused, and answered by fallbacks, during it. */
export class OpenSpan {
  readonly #entry: BreakerEntry;
  readonly #before: Served;
  readonly #span: Span;

  constructor(entry: BreakerEntry, tracer: Tracer, attributes: Attributes, parent: Context) {
    this.#entry = entry;
    this.#before = served(entry);
    this.#span = tracer.startSpan(SPANS.open, { attributes }, parent);
  }

  /** The open period is over, or nobody watches it any longer. */
  end(): void {
    if (this.#span.isRecording()) this.#span.setAttributes(this.#counts());
    this.#span.end();
  }

  #counts(): Attributes {
    const now = served(this.#entry);
    const counts: Attributes = {
      [ATTRIBUTES.rejectedCount]: now.rejected - this.#before.rejected,
      [ATTRIBUTES.fallbackCount]: now.fallbacks - this.#before.fallbacks,
    };
    if (this.#entry.breaker.mode === 'observe') counts[ATTRIBUTES.wouldRejectCount] = now.wouldReject - this.#before.wouldReject;
    return counts;
  }
}
