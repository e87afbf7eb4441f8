import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { CONTENDER_NAMES, type Contender, contenders } from '../grpc/contenders.ts';
import { HandDriven, microtask } from '../grpc/hand-driven.ts';
import { stubRaw } from '../grpc/raw-client.ts';
import { RAW_SERVICE } from '../grpc/raw-service.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { type PairedResult, pairedRounds, type Subject } from '../harness/paired.ts';
import { spreadOf } from '../harness/stats.ts';
import type { PackageEntry, SuiteContext } from '../harness/suite.ts';

/** Those whose calls are compared. */
const COMPARED: ReadonlySet<string> = new Set(['none', 'noop', 'ours', 'ours.noTelemetry']);

/** What a process may have of OpenTelemetry. */
const SETTINGS = { bare: 'no SDK', sdk: 'an SDK', instrumented: 'an SDK and instrumentation-grpc' } as const;
type Setting = keyof typeof SETTINGS;

/** Collects when it is asked to. */
class AskedReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Takes spans and does nothing: what an exporter costs is not what an instrumentation costs. */
const NOWHERE: SpanProcessor = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

/**
 * What the package adds to a call that goes well, without an SDK, with one, and with one and instrumentation-grpc, each beside the same without the
 * package; and what a collection of many breakers takes.
 */
export async function suite({ entry, isQuick, rounds }: SuiteContext): Promise<Measurement[]> {
  const bare = await pairedRounds(callers('bare', entry, grpc), rounds);
  const sdk = new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [NOWHERE],
    metricReaders: [new AskedReader()],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  // Clients made before are as they were; it patches what is required from now on.
  const withSdk = callers('sdk', entry, grpc);
  const instrumentation = new GrpcInstrumentation();
  const patched = createRequire(import.meta.url)('@grpc/grpc-js') as typeof grpc;
  if (patched.makeGenericClientConstructor === grpc.makeGenericClientConstructor) throw new Error('nothing was instrumented');
  const told = await pairedRounds([...withSdk, ...callers('instrumented', entry, patched)], rounds);
  instrumentation.disable();
  await sdk.shutdown();
  return [
    ...calls('bare', bare),
    ...calls('sdk', told),
    ...calls('instrumented', told),
    ...shares(told),
    ...(await collections(entry, isQuick, rounds.rounds)),
  ];
}

/** Clients of each kind, by a library as it is or instrumented. */
function callers(setting: Setting, entry: PackageEntry, library: Pick<typeof grpc, 'makeGenericClientConstructor'>): Subject[] {
  const Client = library.makeGenericClientConstructor({ Unary: RAW_SERVICE.Unary }, 'bench.Raw');
  return contenders(entry, 'stub')
    .filter(({ name }) => COMPARED.has(name))
    .map(({ name, options }: Contender): Subject => {
      const channelOverride = stubRaw(1);
      const client = new Client('stub', grpc.credentials.createInsecure(), { ...options, channelOverride });
      const call = (): Promise<void> =>
        new Promise((resolve, reject) => {
          client['Unary']?.(REQUEST, (error: Error | null) => (error === null ? resolve() : reject(error)));
        });
      return {
        name: `${setting}.${name}`,
        async run(count) {
          for (let done = 0; done < count; done++) await call();
        },
      };
    });
}

const REQUEST = { model_name: 'iris', bytes: Buffer.alloc(16, 7) };

function calls(setting: Setting, result: PairedResult): Measurement[] {
  const what = `unary with ${SETTINGS[setting]}`;
  return [
    ...[...COMPARED].map((name) =>
      measurement(
        `telemetry.${setting}.${name}`,
        `${what}: whole call, ${CONTENDER_NAMES[name]}`,
        'ns',
        result.cost(`${setting}.${name}`),
      ),
    ),
    ...['none', 'noop'].map((base) =>
      measurement(
        `telemetry.${setting}.ours / ${base}`,
        `${what}: ours, beside ${CONTENDER_NAMES[base]}`,
        'ratio',
        result.ratio(`${setting}.ours`, `${setting}.${base}`),
      ),
    ),
  ];
}

/** What the package adds, of what instrumentation-grpc adds to the same call without the package. */
function shares(result: PairedResult): Measurement[] {
  const instrumentation = result.difference('instrumented.none', 'sdk.none');
  const { median } = spreadOf(instrumentation);
  const share = (id: string, what: string, ours: string, base: string) =>
    measurement(
      `telemetry.share.${id}`,
      `${what}, of what instrumentation-grpc adds`,
      '%',
      result.difference(ours, base).map((ns) => (ns / median) * 100),
    );
  return [
    measurement('telemetry.instrumentation', 'instrumentation-grpc over none, no interceptor', 'ns', instrumentation),
    share('telemetry', "with an SDK, the package's telemetry", 'sdk.ours', 'sdk.ours.noTelemetry'),
    share('sdk', 'with an SDK, all of the package', 'sdk.ours', 'sdk.none'),
    share('sdk.noop', 'with an SDK, the package over the no-op class', 'sdk.ours', 'sdk.noop'),
    share('instrumented', 'with SDK and instrumentation, all of the package', 'instrumented.ours', 'instrumented.none'),
  ];
}

/** The policies whose breakers are collected. */
const COLLECTED = {
  default: { what: 'of the default policy', trip: {} },
  all: {
    what: 'with every kind of series (latencySlo and adaptive)',
    trip: { trip: { latencySlo: { limit: '1s' }, adaptive: {} } },
  },
} as const;

/** A collection of many breakers that were all called since the last one. */
async function collections(entry: PackageEntry, isQuick: boolean, rounds: number): Promise<Measurement[]> {
  const count = isQuick ? 10 : 1_000;
  const measured: Measurement[] = [];
  for (const [id, { what, trip }] of Object.entries(COLLECTED)) {
    const reader = new AskedReader();
    const meterProvider = new MeterProvider({
      readers: [reader],
      views: [{ meterName: 'grpc-breaker', aggregationCardinalityLimit: 50_000 }],
    });
    const method = { key: ['target', 'method', 'request.model_name'], ...trip } as const;
    const breakers = entry.createBreakers({ maxBreakers: count, methods: [method] }, { telemetry: { meterProvider } });
    const hand = new HandDriven(breakers.interceptor('127.0.0.1:8081'));
    const took: number[] = [];
    for (let round = 0; round <= 2 * rounds; round++) {
      for (let call = 0; call < 5 * count; call++) {
        hand.call({ model_name: `model-${call % count}` });
        if ((call & 15) === 15) await microtask;
      }
      took.push(await cpuUs(() => reader.collect()));
    }
    // The first makes all series, and the compiler is at work in the next ones.
    measured.push(
      measurement(`telemetry.collect.${id}`, `a collection of ${count} breakers ${what}`, 'us', took.slice(rounds)),
      measurement(`telemetry.collect.${id}.first`, `the first one of ${count} breakers ${what}`, 'us', took.slice(0, 1)),
    );
    breakers.dispose();
  }
  return measured;
}

/** CPU time of this process, which is also that of its threads that collect garbage. */
async function cpuUs(run: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.({ type: 'minor', execution: 'sync' });
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
