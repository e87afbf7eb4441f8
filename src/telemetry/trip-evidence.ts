import type { Span, SpanContext } from '@opentelemetry/api';
import type { Verdict } from '../core/verdict.ts';
import { statusName } from '../policy/status-codes.ts';
import { CallRing } from './call-ring.ts';
import { snakeCase } from './names.ts';

const OK = 0;

/** The calls that may make a breaker trip, remembered from one change of state to the next. Costs nothing until one fails or is slow. */
export class TripEvidence {
  #failed: CallRing | undefined;
  #slow: CallRing | undefined;
  #lastFailure = OK;

  /** A call failed with this status code. */
  addFailed(span: Span | undefined, statusCode: number): void {
    this.#lastFailure = statusCode;
    this.#failed ??= new CallRing();
    this.#failed.add(span);
  }

  /** A call was slower than the limit, however it ended. */
  addSlow(span: Span | undefined): void {
    this.#slow ??= new CallRing();
    this.#slow.add(span);
  }

  /** The spans of the calls behind a verdict, the oldest first. */
  causes(verdict: Verdict): SpanContext[] {
    switch (verdict.reason) {
      case 'consecutiveFailures':
      case 'failureRate':
      case 'rampFailed':
        return this.#failed?.last(verdict.failures) ?? [];
      case 'slowCallRate':
      case 'latencySlo':
        return this.#slow?.last(verdict.slow) ?? [];
      case 'adaptive':
        return (verdict.of === 'errors' ? this.#failed : this.#slow)?.last(verdict.hits) ?? [];
      case 'trialsFailed':
        return onceEach([...(this.#slow?.last(verdict.slow) ?? []), ...(this.#failed?.last(verdict.failures) ?? [])]);
      case 'trialFailed':
        return this.#failed?.last(1) ?? [];
      case 'trialSlow':
        return this.#slow?.last(1) ?? [];
      case 'trialExpired':
      case 'manual':
      case 'signal':
      case 'baselineAdopted':
      case 'openPeriodOver':
      case 'trialsSucceeded':
      case 'forced':
      case 'reset':
        return [];
    }
  }

  /** `error.type` of a trip: the status of the last failed call where failures are its reason, else the reason. */
  errorType(verdict: Verdict): string {
    return isByFailures(verdict) && this.#lastFailure !== OK ? statusName(this.#lastFailure) : snakeCase(verdict.reason);
  }

  /** The state changed: what was seen before is no evidence any more. */
  clear(): void {
    this.#failed = undefined;
    this.#slow = undefined;
    this.#lastFailure = OK;
  }
}

/** A trial that was slow and failed is one cause. */
function onceEach(contexts: readonly SpanContext[]): SpanContext[] {
  return [...new Map(contexts.map((context) => [`${context.traceId}-${context.spanId}`, context])).values()];
}

const BY_FAILURES: ReadonlySet<Verdict['reason']> = new Set(['consecutiveFailures', 'failureRate', 'rampFailed', 'trialFailed']);

/** Failures are its reason, not slowness, a person or a signal. */
function isByFailures(verdict: Verdict): boolean {
  if (verdict.reason === 'adaptive') return verdict.of === 'errors';
  return verdict.reason === 'trialsFailed' ? verdict.failures > 0 : BY_FAILURES.has(verdict.reason);
}
