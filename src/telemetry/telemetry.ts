import {
  type Attributes,
  type MeterProvider,
  type Span,
  type SpanContext,
  TraceFlags,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { BreakerEvent, ModeEvent, OverrideEvent, TransitionEvent } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RejectionReason } from '../core/state.ts';
import type { FallbackCause } from '../policy/fallback-cause.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { CallObserver, WarningHandler } from '../policy/ports.ts';
import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';
import type { SignalStatus } from '../policy/signal.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { BreakerRecord } from './breaker-record.ts';
import { annotate, clientSpan } from './caller-span.ts';
import { isShadow } from './is-shadow.ts';
import { logModeChange, logOverrideChange, logPolicyChange, logStateChange } from './log-events.ts';
import { Metrics } from './metrics.ts';
import { ATTRIBUTES, snakeCase } from './names.ts';
import { Outages } from './outages.ts';
import { modeAttributes, overrideAttributes, policyAttributes, transitionAttributes } from './transition-attributes.ts';

/** OpenTelemetry providers to use instead of the globally registered ones. */
export interface TelemetryOptions {
  /** Makes the tracer. @default the global provider, also where it is registered later */
  tracerProvider?: TracerProvider;
  /** Makes the meter. @default the global provider, also where it is registered later */
  meterProvider?: MeterProvider;
}

/** Changes of state that the end of a call brings about, so that there is a caller whose span can tell. */
const BY_A_CALL: ReadonlySet<string> = new Set([
  'consecutiveFailures',
  'failureRate',
  'slowCallRate',
  'latencySlo',
  'adaptive',
  'trialFailed',
  'trialSlow',
  'trialsFailed',
  'rampFailed',
]);

/** Spans and metrics of breakers: hears their events, watches their calls, and reads their counts when metrics are collected. */
export class Telemetry implements CallObserver {
  readonly #options: TelemetryOptions;
  readonly #attempt: Attempt;
  readonly #outages: Outages;
  /** Weak: what the registry evicts is gone. */
  readonly #records = new WeakMap<BreakerEntry, BreakerRecord>();
  #registry: BreakerRegistry | undefined;
  #metrics: Metrics | undefined;
  /** The call that ended, or was found to be slow, last: a change of state that follows at once is its doing. */
  #endedEntry: BreakerEntry | undefined;
  #endedSpan: Span | undefined;
  /** How many calls of a span were found slow while under way, and have not ended yet: at their end they are not slow once more. */
  readonly #slowUnderWay = new WeakMap<Span, number>();
  #isDisposed = false;

  constructor(options: TelemetryOptions, onWarning: WarningHandler) {
    this.#options = options;
    this.#attempt = createAttempt(onWarning);
    this.#outages = new Outages(options.tracerProvider, this.#attempt);
  }

  /** Reports the breakers of a registry from now on. */
  observe(registry: BreakerRegistry): void {
    this.#registry = registry;
    this.#metrics = new Metrics(registry, (entry) => this.#recordOf(entry), this.#options.meterProvider, this.#attempt);
    this.#metrics.followProvider();
  }

  /** Reports the errors of these signals from now on. */
  observeSignals(list: () => readonly SignalStatus[]): void {
    this.#metrics?.observeSignals(list);
  }

  /**
   * A breaker changed.
   * @returns for a change of state, the trace that tells of its outage; undefined where none is recorded
   */
  onEvent(event: BreakerEvent): string | undefined {
    if (this.#isDisposed) return undefined;
    const entry = this.#registry?.get(event.breaker);
    if (entry === undefined) return undefined;
    const record = this.#recordOf(entry);
    if (event.type === 'transition') {
      this.#onTransition(record, event);
      return record.traceId;
    }
    if (event.type === 'mode') this.#attempt('the log event of a mode', () => this.#onMode(record, event));
    else this.#attempt('the log event of an override', () => this.#onOverride(record, event));
    return undefined;
  }

  /** Another policy came. */
  onPolicyEvent(event: PolicyEvent): void {
    if (this.#isDisposed) return;
    this.#metrics?.addPolicy(event);
    this.#attempt('the log event of a policy', () => logPolicyChange(event, policyAttributes(event)));
  }

  /** The trace that tells of a breaker's last outage; undefined where none was recorded. */
  traceIdOf(entry: BreakerEntry): string | undefined {
    return this.#records.get(entry)?.traceId;
  }

  /** Takes the caller's span, now: where a call waits for its channel, the active span at its end is some other call's. */
  callStarted(): Span | undefined {
    if (this.#isDisposed) return undefined;
    this.#metrics?.followProvider();
    return trace.getActiveSpan();
  }

  /** Remembers failed and slow calls, for the links of a trip. */
  callEnded(
    observed: unknown,
    entry: BreakerEntry,
    outcome: Outcome,
    statusCode: number,
    durationMs: number,
    isJudged: boolean = true,
  ): void {
    const span = observed as Span | undefined;
    this.#meet(entry);
    // No change of state is the doing of a call that enforcement would have refused.
    if (!isJudged) return;
    this.#endedEntry = entry;
    this.#endedSpan = span;
    const isFailed = outcome === 'failure';
    const isSlow = outcome !== 'ignored' && durationMs > entry.breaker.inFlightLimitMs;
    if (this.#isDisposed || (!isFailed && !isSlow)) return;
    const { evidence } = this.#recordOf(entry);
    if (isFailed) evidence.addFailed(span, statusCode);
    if (isSlow && !this.#wasFoundSlow(span)) evidence.addSlow(span);
  }

  /**
   * Remembers it, for the links of a trip that it may bring about.
   * @param isKnown - it was told before of this call: then only that a trip that follows at once is its doing
   */
  callSlow(observed: unknown, entry: BreakerEntry, isKnown: boolean): void {
    const span = observed as Span | undefined;
    this.#endedEntry = entry;
    this.#endedSpan = span;
    if (this.#isDisposed || isKnown) return;
    this.#recordOf(entry).evidence.addSlow(span);
    if (span !== undefined) this.#slowUnderWay.set(span, (this.#slowUnderWay.get(span) ?? 0) + 1);
  }

  /** Tells it on the caller's client span. */
  callRejected(observed: unknown, entry: BreakerEntry, reason: RejectionReason): void {
    this.#meet(entry);
    const span = this.#isDisposed ? undefined : clientSpan(observed);
    if (span === undefined) return;
    const trip = this.#records.get(entry)?.outage?.trip;
    annotate(span, { ...stateOf(entry), [ATTRIBUTES.rejected]: true, [ATTRIBUTES.reason]: snakeCase(reason) }, trip);
  }

  /** Tells it on the caller's client span. */
  callWouldBeRejected(observed: unknown, entry: BreakerEntry, reason: RejectionReason): void {
    this.#meet(entry);
    const span = this.#isDisposed ? undefined : clientSpan(observed);
    if (span === undefined) return;
    const trip = this.#records.get(entry)?.outage?.trip;
    annotate(span, { ...stateOf(entry), [ATTRIBUTES.wouldReject]: true, [ATTRIBUTES.reason]: snakeCase(reason) }, trip);
  }

  /** Tells it on the caller's client span. */
  fallbackWouldServe(observed: unknown, entry: BreakerEntry, source: string, cause: FallbackCause): void {
    this.#meet(entry);
    const span = this.#isDisposed ? undefined : clientSpan(observed);
    if (span === undefined) return;
    const served = { [ATTRIBUTES.wouldFallbackSource]: source, [ATTRIBUTES.wouldFallbackReason]: cause };
    annotate(span, { ...stateOf(entry), ...served }, undefined);
  }

  /** Tells it on the caller's client span. */
  fallbackServed(observed: unknown, entry: BreakerEntry, source: string, cause: FallbackCause, ageMs: number | undefined): void {
    const span = this.#isDisposed ? undefined : clientSpan(observed);
    if (span === undefined) return;
    const served: Attributes = { [ATTRIBUTES.fallbackSource]: source, [ATTRIBUTES.fallbackReason]: cause };
    if (ageMs !== undefined) served[ATTRIBUTES.fallbackAge] = ageMs / 1000;
    annotate(span, { ...stateOf(entry), ...served }, undefined);
  }

  /** Ends open spans; the series of all breakers are told for the last time, with 0 for every state. */
  dispose(): void {
    this.#isDisposed = true;
    this.#endedEntry = undefined;
    this.#endedSpan = undefined;
    this.#outages.dispose();
    this.#metrics?.dispose();
  }

  #onTransition(record: BreakerRecord, event: TransitionEvent): void {
    const { evidence, identity } = record;
    (isShadow(event) ? record.shadowTransitions : record.transitions).add(event);
    this.#attempt('the length of an open period', () => {
      this.#metrics?.followProvider();
      this.#metrics?.meet(record.entry);
      const isSeen = event.mode !== 'observe' || record.isForcedOpen;
      if (event.from === 'open' && isSeen) this.#metrics?.recordOpenPeriod(record.entry, event.lastedMs);
    });
    record.isForcedOpen = event.to === 'open' && event.verdict.reason === 'forced';
    const attributes = transitionAttributes(event, identity, evidence.errorType(event.verdict));
    const span = this.#outages.add(record, event, attributes);
    record.traceId = (span.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : span.traceId;
    if (event.to === 'open') this.#attempt("writing on a caller's span", () => this.#annotateCause(record.entry, event, span));
    this.#attempt('the log event of a transition', () => logStateChange(event, attributes, span));
    evidence.clear();
  }

  #onMode({ entry, identity, outage }: BreakerRecord, event: ModeEvent): void {
    logModeChange(event, modeAttributes(event, identity, entry), outage?.trip);
  }

  #onOverride({ entry, identity, outage }: BreakerRecord, event: OverrideEvent): void {
    logOverrideChange(event, overrideAttributes(event, identity, entry), outage?.trip);
  }

  #annotateCause(entry: BreakerEntry, event: TransitionEvent, trip: SpanContext): void {
    if (entry !== this.#endedEntry || !BY_A_CALL.has(event.verdict.reason)) return;
    const span = clientSpan(this.#endedSpan);
    if (span !== undefined) annotate(span, stateOf(entry), trip);
  }

  #meet(entry: BreakerEntry): void {
    if (!this.#isDisposed) this.#metrics?.meet(entry);
  }

  #wasFoundSlow(span: Span | undefined): boolean {
    const calls = span === undefined ? 0 : (this.#slowUnderWay.get(span) ?? 0);
    if (span !== undefined && calls > 0) this.#slowUnderWay.set(span, calls - 1);
    return calls > 0;
  }

  #recordOf(entry: BreakerEntry): BreakerRecord {
    let record = this.#records.get(entry);
    if (record === undefined) {
      record = new BreakerRecord(entry);
      this.#records.set(entry, record);
    }
    return record;
  }
}

/** What a caller's span says of the breaker: that it only observes, too, so that nobody takes its state for the reason of anything. */
function stateOf({ breaker }: BreakerEntry): Record<string, string> {
  const state = { [ATTRIBUTES.name]: breaker.name, [ATTRIBUTES.state]: snakeCase(breaker.state) };
  return breaker.mode === 'observe' ? { ...state, [ATTRIBUTES.mode]: breaker.mode } : state;
}
