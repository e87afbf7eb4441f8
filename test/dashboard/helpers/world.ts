import { type InterceptingListener, type Interceptor, type InterceptorOptions, Metadata, status as Status } from '@grpc/grpc-js';
import { InferenceClass } from '../../../examples/demo/inference/service.ts';
import { type Breakers, createBreakers, type Policy, type TelemetryOptions } from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';

type NextCall = Parameters<Interceptor>[1];

/** How a simulated dependency does at one moment. */
export interface Health {
  /** The share of calls that fail. */
  readonly failing?: number;
  /** The latency of its calls, in milliseconds; half of them up to twice as slow. */
  readonly latencyMs?: number;
  /** Calls a second. */
  readonly rate: number;
}

/** A model of a simulated server: its health at each second of the world. */
export interface Model {
  readonly target: string;
  readonly method?: 'ModelInfer' | 'ModelReady';
  readonly name: string;
  readonly health: (second: number) => Health;
}

const SERVICE = 'inference.GRPCInferenceService';

/** Real breakers: `ModelInfer` is enforced and has a fallback, `ModelReady` is observed. */
const WORLD_POLICY: Policy = {
  maxBreakers: 20_000,
  methods: [
    {
      name: [{ service: SERVICE, method: 'ModelInfer' }],
      key: ['target', 'method', 'request.model_name'],
      trip: { failureRate: { threshold: '50%', window: '10s', minCalls: 20 }, latencySlo: { percentile: '99%', limit: '80ms' } },
      openFor: '10s',
      jitter: 0,
      fallback: { on: ['rejected'], sources: [{ name: 'hold', message: { model_name: 'fallback' } }] },
    },
    {
      name: [{ service: SERVICE, method: 'ModelReady' }],
      mode: 'observe',
      key: ['target', 'method', 'request.name'],
      trip: { consecutiveFailures: 5 },
    },
  ],
};

/** Calls of real breakers to dependencies that do not exist, on a clock of its own: faults come when the test says so. */
export class World {
  readonly clock: ManualClock = new ManualClock(1_000);
  readonly breakers: Breakers;
  readonly #interceptors = new Map<string, Interceptor>();
  readonly #models: readonly Model[];
  /** Answers under way, by the millisecond that they come in. */
  #answers: { readonly atMs: number; readonly come: () => void }[] = [];
  readonly #owed = new Map<Model, number>();
  #random = 1;

  constructor(models: readonly Model[], telemetry: TelemetryOptions | false = false) {
    this.#models = models;
    this.breakers = createBreakers(WORLD_POLICY, { clock: this.clock, services: [InferenceClass.service], telemetry });
  }

  /** The breaker's name of a model. */
  static nameOf({ target, method = 'ModelInfer', name }: Model): string {
    return `${target}/${SERVICE}/${method}[${name}]`;
  }

  /** Lets so much time pass, in steps of 20 ms. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      const now = this.clock.now() + 20;
      const due = this.#answers.filter(({ atMs }) => atMs <= now).toSorted((one, other) => one.atMs - other.atMs);
      this.#answers = this.#answers.filter(({ atMs }) => atMs > now);
      for (const { atMs, come } of due) {
        this.clock.advance(Math.max(0, atMs - this.clock.now()));
        come();
      }
      this.clock.advance(Math.max(0, now - this.clock.now()));
      for (const model of this.#models) this.#ask(model, now, 20);
      await Promise.resolve();
    }
  }

  /** One call of a model. */
  call(model: Model, { latencyMs = 8, failing = 0 }: Partial<Health> = {}): void {
    const { target, method = 'ModelInfer', name } = model;
    const fails = this.#draw() < failing;
    const takesMs = latencyMs * (0.6 + this.#draw() ** 3 * 1.8);
    const next: NextCall = () =>
      terminal((listener) => {
        const come = () =>
          listener.onReceiveStatus?.({ code: fails ? Status.UNAVAILABLE : Status.OK, details: '', metadata: new Metadata() });
        this.#answers.push({ atMs: this.clock.now() + takesMs, come });
      });
    const definition = InferenceClass.service[method] as unknown as NonNullable<InterceptorOptions['method_definition']>;
    const call = this.#interceptor(target)({ method_definition: definition }, next);
    call.start(new Metadata(), { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} });
    call.sendMessage(method === 'ModelInfer' ? { model_name: name } : { name });
    call.halfClose();
  }

  #ask(model: Model, nowMs: number, ms: number): void {
    const health = model.health((nowMs - 1_000) / 1_000);
    const owed = (this.#owed.get(model) ?? this.#draw()) + (health.rate * ms) / 1_000;
    const calls = Math.floor(owed);
    this.#owed.set(model, owed - calls);
    for (let index = 0; index < calls; index++) this.call(model, health);
  }

  #interceptor(target: string): Interceptor {
    const known = this.#interceptors.get(target) ?? this.breakers.interceptor(target);
    this.#interceptors.set(target, known);
    return known;
  }

  /** The same numbers in each run. */
  #draw(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

function terminal(ask: (listener: Partial<InterceptingListener>) => void): ReturnType<NextCall> {
  let listener: Partial<InterceptingListener> = {};
  return {
    start: (_metadata, given) => void (listener = given ?? {}),
    sendMessage() {},
    sendMessageWithContext() {},
    startRead() {},
    halfClose: () => ask(listener),
    cancelWithStatus() {},
    getPeer: () => 'simulated',
    getAuthContext: () => null,
  };
}
