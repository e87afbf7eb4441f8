import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { BreakerEntry } from '../policy/registry.ts';
import { wouldAnswers } from '../policy/shadow-counts.ts';
import { ATTRIBUTES, SPANS } from './names.ts';

interface Served {
  readonly rejected: number;
  readonly wouldReject: number;
  readonly fallbacks: number;
  readonly wouldAnswer: number;
}

function served(entry: BreakerEntry): Served {
  const { rejected, wouldReject } = entry.breaker.snapshot().counts;
  return {
    rejected: rejected.open + rejected.forced,
    wouldReject: wouldReject.open,
    fallbacks: sum(entry.fallbacks),
    wouldAnswer: sum(wouldAnswers(entry)),
  };
}

function sum(counts: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
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
    const wouldReject = now.wouldReject - this.#before.wouldReject;
    const wouldAnswer = now.wouldAnswer - this.#before.wouldAnswer;
    // It may have observed for a part of the period.
    if (this.#entry.breaker.mode !== 'observe' && wouldReject + wouldAnswer === 0) return counts;
    return { ...counts, [ATTRIBUTES.wouldRejectCount]: wouldReject, [ATTRIBUTES.wouldFallbackCount]: wouldAnswer };
  }
}
