import { status } from '@grpc/grpc-js';
import { logs, type MeterProvider, metrics, SpanKind, type TracerProvider, trace } from '@opentelemetry/api';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider as SdkTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BreakersOptions } from '../../src/breakers.ts';
import { createBreakers } from '../../src/create-breakers.ts';
import { ECHO, type EchoResult, EchoServer, echoClient, say } from './harness/echo.ts';
import { TestMetricReader } from './harness/metric-reader.ts';

const { UNAVAILABLE } = status;

const broken = (): never => {
  throw new Error('the telemetry is broken');
};

/** The same object, but these methods throw. */
function breaking<T extends object>(object: T, ...methods: string[]): T {
  return new Proxy(object, {
    get(target, key) {
      if (methods.includes(String(key))) return broken;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A tracer provider whose spans, or tracers, have methods that throw. */
function tracerProviderWith(spanMethods: string[], tracerMethods: string[] = []): TracerProvider {
  const real = new SdkTracerProvider();
  return {
    getTracer: (name, version) => {
      const tracer = real.getTracer(name, version);
      return breaking(
        { ...tracer, startSpan: (...args) => breaking(tracer.startSpan(...args), ...spanMethods) },
        ...tracerMethods,
      );
    },
  };
}

function meterProviderWith(...methods: string[]): MeterProvider {
  const real = new SdkMeterProvider({ readers: [new TestMetricReader()] });
  return { getMeter: (name, version) => breaking(real.getMeter(name, version), ...methods) };
}

const throwingExporter: SpanExporter = { export: broken, shutdown: async () => broken() };
const fail = (_spans: unknown, done: (result: { code: number }) => void) => done({ code: 1 });
const failingExporter: SpanExporter = { export: fail, shutdown: async () => {} };
const withExporter = (exporter: SpanExporter) =>
  new SdkTracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });

let server: EchoServer;
beforeAll(async () => {
  server = await EchoServer.start();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const api of [trace, metrics, logs]) api.disable();
});

/** Calls before, during and after an outage, and what each of their callers got. */
async function outage(
  telemetry: NonNullable<BreakersOptions['telemetry']>,
): Promise<{ results: EchoResult[]; warnings: string[] }> {
  const warnings: string[] = [];
  let nowMs = 0;
  const sources = [{ name: 'spare', function: () => ({ text: 'spare' }) }];
  const method = {
    name: [{ service: 'test.Echo' }],
    trip: { consecutiveFailures: 2 },
    openFor: '5s',
    rampUp: 0,
    trials: 1,
    fallback: { sources },
  } as const;
  const options = {
    services: [ECHO],
    telemetry,
    clock: { now: () => nowMs },
    onWarning: (message: string) => warnings.push(message),
  };
  const breakers = createBreakers({ methods: [method] }, options);
  const client = echoClient(server.target, breakers.clientOptions(server.target));
  const results: EchoResult[] = [];
  for (const code of [undefined, UNAVAILABLE, UNAVAILABLE, undefined])
    results.push(await say(client, { text: 'real', ...(code && { code }) }));
  nowMs += 60_000;
  for (let call = 0; call < 2; call++) results.push(await say(client, { text: 'real' }));
  breakers.dispose();
  results.push(await say(client, { text: 'real' }));
  client.close();
  return { results, warnings };
}

const EXPECTED = [
  { code: 0, texts: ['real'] },
  { code: UNAVAILABLE, texts: [] },
  { code: UNAVAILABLE, texts: [] },
  { code: 0, texts: ['spare'] },
  { code: 0, texts: ['real'] },
  { code: 0, texts: ['real'] },
  { code: 0, texts: ['real'] },
];

describe('what callers get', () => {
  it('is this without telemetry', async () => {
    expect(await outage({ tracerProvider: new SdkTracerProvider() })).toEqual({ results: EXPECTED, warnings: [] });
  });

  it.each<[string, NonNullable<Exclude<BreakersOptions['telemetry'], false>>]>([
    ['a tracer provider', { tracerProvider: { getTracer: broken } }],
    ['a tracer', { tracerProvider: tracerProviderWith([], ['startSpan']) }],
    ['the end of a span', { tracerProvider: tracerProviderWith(['end']) }],
    ['the status of a span', { tracerProvider: tracerProviderWith(['setStatus']) }],
    ['the context of a span', { tracerProvider: tracerProviderWith(['spanContext']) }],
    ['the attributes of a span', { tracerProvider: tracerProviderWith(['setAttributes', 'isRecording']) }],
    ['a meter provider', { meterProvider: { getMeter: broken } }],
    ['the making of an instrument', { meterProvider: meterProviderWith('createCounter') }],
    ['the adding of a callback', { meterProvider: meterProviderWith('addBatchObservableCallback') }],
    ['the removal of a callback', { meterProvider: meterProviderWith('removeBatchObservableCallback') }],
  ])('is the same where %s throws, which is said a few times at most', async (_what, telemetry) => {
    const { results, warnings } = await outage(telemetry);
    expect(results).toEqual(EXPECTED);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['throws', throwingExporter],
    ['fails', failingExporter],
  ])('is the same where an exporter %s', async (_how, exporter) => {
    expect((await outage({ tracerProvider: withExporter(exporter) })).results).toEqual(EXPECTED);
  });

  it('is the same where the log events cannot be told', async () => {
    logs.setGlobalLoggerProvider({ getLogger: () => ({ emit: broken, enabled: () => true }) });
    const { results, warnings } = await outage({});
    expect(results).toEqual(EXPECTED);
    expect(warnings).toEqual(['telemetry: the log event of a transition failed (said once)']);
  });

  it("is the same where the caller's active span cannot be had or written", async () => {
    const original = trace.getActiveSpan;
    const warnings = ['telemetry failed on a call and is passed over (said once)'];
    trace.getActiveSpan = broken;
    expect(await outage({})).toEqual({ results: EXPECTED, warnings });
    trace.getActiveSpan = () =>
      tracerProviderWith(['spanContext', 'isRecording']).getTracer('app').startSpan('call', { kind: SpanKind.CLIENT });
    expect(await outage({})).toEqual({ results: EXPECTED, warnings: expect.arrayContaining(warnings) as string[] });
    trace.getActiveSpan = original;
  });
});

describe('a broken part', () => {
  it('takes nothing else with it: metrics without spans', async () => {
    const reader = new TestMetricReader();
    await outage({ tracerProvider: { getTracer: broken }, meterProvider: new SdkMeterProvider({ readers: [reader] }) });
    const name = `${server.target}/test.Echo/Say`;
    expect(await reader.series('open.duration')).toEqual([`${name}: 1`]);
  });
});
