import { type Context, ROOT_CONTEXT, type Span, SpanKind } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { EventQueue } from '../../../src/core/events.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { NO_PERMIT, type PermitSlot, UNJUDGED } from '../../../src/core/permit.ts';
import { type MethodPolicyOptions, parsePolicy } from '../../../src/policy/policy.ts';
import { type BreakerEntry, BreakerRegistry } from '../../../src/policy/registry.ts';
import { Telemetry, type TelemetryOptions } from '../../../src/telemetry/telemetry.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';
import { TestMetricReader } from './metric-reader.ts';
import { P } from './names.ts';

const TARGET = '127.0.0.1:8081';
export const METHOD = 'inference.GRPCInferenceService/ModelInfer';
const UNAVAILABLE = 14;

/** How a breaker in these tests behaves when nothing else is said: no chance in it. */
const POLICY: MethodPolicyOptions = {
  trip: { consecutiveFailures: 3 },
  openFor: '5s',
  backoff: { max: '60s' },
  jitter: 0,
  trials: 1,
  rampUp: 0,
  stability: 0,
};

export interface RigOptions {
  readonly policy?: MethodPolicyOptions;
  readonly maxBreakers?: number;
  readonly sampler?: Sampler;
  /** @default the rig's own providers */
  readonly telemetry?: TelemetryOptions;
}

function parsed(policy: MethodPolicyOptions, maxBreakers: number | undefined): ReturnType<typeof parsePolicy> {
  // What sheds a share of its calls does not open.
  const base = policy.shed === undefined ? POLICY : {};
  return parsePolicy({ methods: [{ ...base, ...policy }], ...(maxBreakers === undefined ? {} : { maxBreakers }) });
}

/** How a call goes. */
export interface RigCall {
  /** Which breaker. @default a */
  readonly key?: string;
  readonly code?: number;
  readonly durationMs?: number;
  /** The caller's span. @default a client span of its own, ended with the call */
  readonly span?: Span | undefined;
}

/** The telemetry room on real breakers, without gRPC: calls are told to it as the interceptor does it. */
export class Rig {
  readonly clock = new ManualClock();
  readonly exporter = new InMemorySpanExporter();
  readonly reader = new TestMetricReader();
  readonly warnings: string[] = [];
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  readonly telemetry: Telemetry;
  readonly registry: BreakerRegistry;
  #policy: ReturnType<typeof parsePolicy>;

  constructor({ policy = {}, maxBreakers, sampler, telemetry }: RigOptions = {}) {
    const spanProcessors = [new SimpleSpanProcessor({ exporter: this.exporter })];
    this.tracerProvider = new TracerProvider({ spanProcessors, ...(sampler === undefined ? {} : { sampler }) });
    this.meterProvider = new MeterProvider({ readers: [this.reader] });
    this.#policy = parsed(policy, maxBreakers);
    const own = { tracerProvider: this.tracerProvider, meterProvider: this.meterProvider };
    this.telemetry = new Telemetry(telemetry ?? own, (message) => this.warnings.push(message));
    const events = new EventQueue((error) => this.warnings.push(String(error)));
    events.add((event) => this.telemetry.onEvent(event));
    const dependencies = {
      clock: this.clock,
      random: () => 0.5,
      onEvent: (event: Parameters<Telemetry['onEvent']>[0]) => events.emit(event),
    };
    this.registry = new BreakerRegistry(this.#policy.maxBreakers, dependencies);
    this.telemetry.observe(this.registry);
  }

  /** A breaker; made when there is none yet. */
  entry(key = 'a'): BreakerEntry {
    const [policy] = this.#policy.methods;
    if (policy === undefined) throw new Error('a policy has at least one method');
    return this.registry.acquire(key, policy, TARGET, METHOD);
  }

  /** Goes over to another policy. */
  adopt(policy: MethodPolicyOptions): void {
    this.#policy = parsed(policy, undefined);
    this.registry.adopt(() => this.#policy.methods[0], this.#policy.maxBreakers);
  }

  /** A client span as an instrumentation makes it. */
  clientSpan(name = 'call', parent: Context = ROOT_CONTEXT): Span {
    return this.tracerProvider.getTracer('app').startSpan(name, { kind: SpanKind.CLIENT }, parent);
  }

  /** Makes a call that ends this way, or is rejected. Returns its span. */
  call(outcome: Outcome, call: RigCall = {}): Span | undefined {
    const own = 'span' in call ? undefined : this.clientSpan();
    const span = own ?? call.span;
    const permit = this.begin(call.key);
    const entry = this.entry(call.key);
    if (permit.permitGeneration === UNJUDGED) {
      this.telemetry.callWouldBeRejected(span, entry, entry.breaker.rejection(this.clock.now()).reason);
    }
    if (permit.permitGeneration !== NO_PERMIT) this.end(permit, outcome, { ...call, span });
    else this.telemetry.callRejected(span, entry, entry.breaker.rejection(this.clock.now()).reason);
    own?.end();
    return span;
  }

  /** Begins a call, which may be refused. */
  begin(key?: string): PermitSlot {
    const permit = { permitGeneration: NO_PERMIT, permitTrial: -1, permitSlow: 0 };
    this.telemetry.callStarted();
    this.entry(key).breaker.acquire(permit, this.clock.now(), Infinity);
    return permit;
  }

  /** Ends a call that was let through. */
  end(
    permit: PermitSlot,
    outcome: Outcome,
    { key, code = outcome === 'failure' ? UNAVAILABLE : 0, durationMs = 10, span }: RigCall = {},
  ): void {
    this.telemetry.callEnded(span, this.entry(key), outcome, code, durationMs, permit.permitGeneration !== UNJUDGED);
    this.entry(key).breaker.settle(permit, outcome, durationMs, this.clock.now(), code);
  }

  /** Makes so many of them. */
  calls(count: number, outcome: Outcome, call: RigCall = {}): (Span | undefined)[] {
    return Array.from({ length: count }, () => this.call(outcome, call));
  }

  /** A fallback answers a call. */
  fallBack(source: string, span?: Span, key?: string, ageMs?: number): void {
    const entry = this.entry(key);
    entry.fallbacks.set(source, (entry.fallbacks.get(source) ?? 0) + 1);
    this.telemetry.fallbackServed(span, entry, source, 'rejected', ageMs);
  }

  /** Trips the breaker by three failures. */
  trip(call: RigCall = {}): void {
    this.calls(3, 'failure', call);
  }

  /** The open period passes, and the trial ends this way. */
  tryAgain(outcome: Outcome, call: RigCall = {}): Span | undefined {
    this.clock.advance(100_000);
    return this.call(outcome, call);
  }

  /** The package's spans so far, in the order in which they ended. */
  spans(name: 'transition' | 'open'): ReadableSpan[] {
    return this.exporter.getFinishedSpans().filter((span) => span.name === P + name);
  }

  /** The span of a call, as it was exported. */
  exported(span: Span | undefined): ReadableSpan {
    const found = this.exporter.getFinishedSpans().find((other) => other.spanContext().spanId === span?.spanContext().spanId);
    if (found === undefined) throw new Error('that span was not exported');
    return found;
  }
}
