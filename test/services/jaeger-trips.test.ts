import type { NodeSDK } from '@opentelemetry/sdk-node';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysSampleBreakers, createBreakers } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { play } from '../grpc/helpers/play.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { Scripted } from '../grpc/helpers/scripted-service.ts';
import { serviceAvailable } from './harness/availability.ts';
import { type Jaeger, startJaeger } from './harness/jaeger.ts';
import type { StoredSpan } from './harness/jaeger-query.ts';
import { startSdk } from './harness/recording.ts';
import { P } from './harness/telemetry-names.ts';
import { until } from './harness/until.ts';

// A trip is there at once and whole, whatever share of the calls is sampled.

const SERVICE = 'sampled-bot';
const TRIPS = 200;
const UNAVAILABLE = 14;

describe.skipIf(!serviceAvailable('jaeger'))('trips in Jaeger, with 1 % of the calls sampled', () => {
  let jaeger: Jaeger;
  let sdk: NodeSDK;
  let server: ScriptedServer;

  beforeAll(async () => {
    jaeger = await startJaeger('badger');
    sdk = startSdk(
      {
        serviceName: SERVICE,
        sampler: alwaysSampleBreakers(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.01) })),
      },
      {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    );
    server = await startScriptedServer();
  });
  afterAll(async () => {
    await server?.stop();
    await sdk?.shutdown();
    await jaeger?.stop();
  });

  /** Breakers for so many models, each with calls of its own. */
  function protect() {
    const breakers = createBreakers(
      {
        methods: [
          {
            key: ['target', 'method', 'request.model_name'],
            trip: { consecutiveFailures: 2 },
            openFor: '1h',
            backoff: { max: '1h' },
            jitter: 0,
          },
        ],
      },
      { services: [Scripted.service] },
    );
    const client = connect(server.target, breakers.clientOptions(server.target));
    return { breakers, client };
  }

  it(`has each of ${TRIPS}, by operation and by error=true, while the breakers are still open`, { timeout: 60_000 }, async () => {
    const { breakers, client } = protect();
    for (let model = 0; model < TRIPS; model++) {
      for (let failure = 0; failure < 2; failure++) {
        await play(client, 'unary', {
          requests: [{ model_name: `model-${model}` }],
          metadata: scripted({ answers: 0, code: UNAVAILABLE }),
        });
      }
    }
    expect(breakers.snapshot().filter(({ state }) => state === 'open')).toHaveLength(TRIPS);
    const trips = async (): Promise<StoredSpan[]> => {
      const spans = await jaeger.query.search(SERVICE, `${P}transition`, 1_000);
      return spans.filter(({ name }) => name === `${P}transition`);
    };
    const found = await until('Jaeger has every trip', async () => {
      const spans = await trips();
      return spans.length >= TRIPS && spans;
    });
    expect(new Set(found.map(({ attributes }) => attributes[`${P}name`])).size).toBe(TRIPS);
    expect(new Set(found.map(({ traceId }) => traceId)).size).toBe(TRIPS);
    const byTag = (tags: Readonly<Record<string, string>>) => jaeger.query.find(SERVICE, `${P}transition`, tags, 1_000);
    expect(await byTag({ error: 'true' })).toHaveLength(TRIPS);
    expect(await byTag({ [`${P}name`]: `${server.target}/scripted.v1.Scripted/Unary[model-7]` })).toHaveLength(1);
    // The periods last still: they are stored when they are over.
    expect(await jaeger.query.search(SERVICE, `${P}open`)).toEqual([]);
    breakers.dispose();
    await until('Jaeger has every open period', async () => {
      const spans = await jaeger.query.search(SERVICE, `${P}open`, 1_000);
      return spans.filter(({ name }) => name === `${P}open`).length === TRIPS;
    });
  });
});
