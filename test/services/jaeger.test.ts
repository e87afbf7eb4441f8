import type { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceAvailable } from './harness/availability.ts';
import { type Jaeger, startJaeger } from './harness/jaeger.ts';
import type { StoredSpan } from './harness/jaeger-query.ts';
import { Mlserver } from './harness/mlserver.ts';
import { goThrough, OUTAGES } from './harness/outage.ts';
import { FAILURES_TO_TRIP, MODEL_INFER, type ProtectedClient, protect } from './harness/protected-client.ts';
import { startSdk } from './harness/recording.ts';
import { P, reasonName, STATE_NAMES } from './harness/telemetry-names.ts';
import { until } from './harness/until.ts';

const SERVICE = 'trading-bot';
const ERROR = 2;

const missing = (['mlserver', 'jaeger'] as const).filter((name) => !serviceAvailable(name));
const hang = OUTAGES.filter(({ name }) => name === 'SIGSTOP');

describe.skipIf(missing.length > 0).each(hang)('an outage of MLServer in Jaeger: $name', (outage) => {
  let jaeger: Jaeger;
  let server: Mlserver;
  let sdk: NodeSDK;
  let client: ProtectedClient;
  let transitions: StoredSpan[];

  const spansCalled = async (name: string): Promise<StoredSpan[]> => {
    const spans = await jaeger.query.search(SERVICE, P + name);
    return spans.filter((span) => span.name === P + name);
  };

  beforeAll(async () => {
    jaeger = await startJaeger();
    sdk = startSdk(
      { serviceName: SERVICE },
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl, OTEL_BSP_SCHEDULE_DELAY: '100' },
    );
    server = await Mlserver.start();
    client = protect(server.target); // with the global providers, as an application has them
    await goThrough(outage, server, client);
    transitions = await until('Jaeger has every transition', async () => {
      const found = await spansCalled('transition');
      return found.length >= client.transitions.length && found;
    });
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
    await sdk?.shutdown();
    await jaeger?.stop();
  });

  it('shows the trip, by a person looking for it', () => {
    const trips = transitions.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(trips).toHaveLength(1);
    expect(trips[0]).toMatchObject({
      service: SERVICE,
      statusCode: ERROR,
      attributes: {
        [`${P}name`]: `${server.target}/${MODEL_INFER}[${outage.model}]`,
        [`${P}state`]: STATE_NAMES.open,
        [`${P}previous_state`]: STATE_NAMES.closed,
        [`${P}reason`]: reasonName('consecutiveFailures'),
      },
    });
  });

  it('leads from the trip to the calls that failed', async () => {
    const trip = transitions.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(trip?.links).toHaveLength(FAILURES_TO_TRIP);
    for (const link of trip?.links ?? []) {
      const failed = await until('Jaeger has the failed call', async () => {
        const spans = await jaeger.query.trace(link.traceId);
        return spans.find(({ spanId }) => spanId === link.spanId);
      });
      expect(failed).toMatchObject({ name: `grpc.${MODEL_INFER}`, service: SERVICE, statusCode: ERROR });
      expect(Number(failed.attributes['rpc.grpc.status_code'])).toBe(outage.code);
    }
    expect(new Set(trip?.links.map(({ spanId }) => spanId)).size).toBe(FAILURES_TO_TRIP);
  });

  it('has the whole outage in the trace of the trip', async () => {
    const trip = transitions.find(({ parentSpanId }) => parentSpanId === undefined);
    const trace = await jaeger.query.trace(trip?.traceId ?? '');
    const states = trace.filter(({ name }) => name === `${P}transition`).map(({ attributes }) => String(attributes[`${P}state`]));
    expect(states.toSorted()).toEqual(client.transitions.map(({ to }) => STATE_NAMES[to]).toSorted());
    const periods = trace.filter(({ name }) => name === `${P}open`);
    expect(periods).toHaveLength(client.transitions.filter(({ from }) => from === 'open').length);
    for (const span of trace) {
      if (span.spanId !== trip?.spanId) expect(span.parentSpanId).toBe(trip?.spanId);
    }
  });

  it('leads from a call that was spared to the trip', async () => {
    const trip = transitions.find(({ parentSpanId }) => parentSpanId === undefined);
    const calls = await until('Jaeger has the spared calls', async () => {
      const spans = await jaeger.query.search(SERVICE, `grpc.${MODEL_INFER}`, 1_000);
      const spared = spans.filter(({ attributes }) => attributes[`${P}rejected`] === true);
      return spared.length > 0 && spared;
    });
    for (const { attributes, links } of calls) {
      expect(attributes).toMatchObject({
        [`${P}name`]: trip?.attributes[`${P}name`],
        [`${P}fallback.source`]: 'unknown-species',
      });
      expect(links).toContainEqual(expect.objectContaining({ traceId: trip?.traceId, spanId: trip?.spanId }));
    }
  });

  it('counts in the open period what was refused, and answered all the same', async () => {
    const trip = transitions.find(({ parentSpanId }) => parentSpanId === undefined);
    const periods = (await jaeger.query.trace(trip?.traceId ?? '')).filter(({ name }) => name === `${P}open`);
    const sum = (attribute: string) => periods.reduce((total, { attributes }) => total + Number(attributes[P + attribute]), 0);
    const { counts } = client.breakerOf(outage.model).snapshot();
    expect(sum('rejected.count')).toBeGreaterThan(0);
    expect(sum('rejected.count')).toBe(counts.rejected.open);
    expect(sum('fallback.count')).toBe(counts.rejected.open);
  });
});
