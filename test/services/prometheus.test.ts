import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Breakers, createBreakers, fallbackOf, type TransitionEvent } from '../../src/index.ts';
import { prometheus } from '../../src/prometheus.ts';
import { serviceAvailable } from './harness/availability.ts';
import { call, connect, type InferenceClient, loadInferenceClient } from './harness/inference-client.ts';
import { echoRequest } from './harness/inference-messages.ts';
import { Mlserver } from './harness/mlserver.ts';
import { type Prometheus, startPrometheus } from './harness/prometheus.ts';
import { until } from './harness/until.ts';

/** What the model server itself says of its latency, in seconds. */
const P99 = 'histogram_quantile(0.99, sum by (le) (rate(grpc_server_handling_seconds_bucket{grpc_method="ModelInfer"}[3s])))';

/** So slow that the 99th percentile is over its limit, and no call fails. */
const DELAY_MS = 150;

const isAvailable = [serviceAvailable('mlserver'), serviceAvailable('prometheus')].every(Boolean);

describe.skipIf(!isAvailable)('a real Prometheus that scrapes the model server', () => {
  let server: Mlserver;
  let store: Prometheus;
  let breakers: Breakers;
  let client: InferenceClient;
  let transitions: TransitionEvent[];
  const warnings: string[] = [];
  let delayMs = 0;
  const ended = new AbortController();
  let load: Promise<unknown>;

  const path = (): string[] => transitions.map(({ to, verdict }) => `${to}: ${verdict.reason}`);
  const signal = () => breakers.signals()[0];
  const isQuietAndClosed = (): boolean => {
    const { firing, lastError, value = 1 } = signal() ?? {};
    return firing === false && lastError === undefined && value < 0.05 && breakers.list()[0]?.state === 'closed';
  };

  beforeAll(async () => {
    server = await Mlserver.start({ metrics: true });
    store = await startPrometheus(server.metricsTarget);
    const Client = loadInferenceClient();
    breakers = createBreakers(
      {
        methods: [
          {
            name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }],
            trip: { prometheus: { url: store.url, query: P99, above: 0.05, for: '1s', every: '500ms', maxAge: '3s' } },
            fallback: { sources: [{ message: { model_name: 'fallback' } }] },
          },
        ],
      },
      { services: [Client.service], prometheus: prometheus(), telemetry: false, onWarning: (message) => warnings.push(message) },
    );
    transitions = [];
    breakers.subscribe((event) => {
      if (event.type === 'transition') transitions.push(event);
    });
    client = connect(Client, server.target, breakers.clientOptions(server.target));
    load = (async () => {
      while (!ended.signal.aborted) {
        await call(client, client.modelInfer, echoRequest('load', { delayMs }), { deadline: Date.now() + 20_000 });
        await pause(10);
      }
    })();
  });
  afterAll(async () => {
    ended.abort();
    await load;
    breakers?.dispose();
    client?.close();
    await store?.stop();
    await server?.stop();
  });

  it('says nothing while the server is quick', async () => {
    await until('there are readings', isQuietAndClosed);
    expect(path()).toEqual([]);
  });

  it('trips the breaker when the server is slow, although no call fails', async () => {
    delayMs = DELAY_MS;
    const [trip] = await until('the breaker trips', () => transitions.length > 0 && transitions);
    expect(trip).toMatchObject({ from: 'closed', to: 'open', verdict: { reason: 'signal', threshold: 0.05 } });
    expect(trip?.verdict).toMatchObject({
      signal: `prometheus: ${P99}`,
      message: expect.stringMatching(/^0\.\d+ is over 0\.05$/),
    });
    const [breaker] = breakers.list();
    expect(breaker?.snapshot().counts.failure).toBe(0);
    const { response } = await call(client, client.modelInfer, echoRequest('spared', { delayMs }));
    expect(response && fallbackOf(response)?.reason).toBe('rejected');
  });

  it('lets it close when the server is quick again', async () => {
    delayMs = 0;
    await until('the breaker closes for good', isQuietAndClosed);
    expect(path().at(-1)).toMatch(/^closed: /);
  });

  it.each<[string, () => void | Promise<void>, RegExp]>([
    ['hanging', () => store.hang(), /no answer within 500 ms/],
    ['being killed', () => store.stop(), /cannot be reached: .*ECONNREFUSED/],
  ])('changes nothing by %s: the questions without an answer are counted', async (_how, end, error) => {
    store.resume();
    await until('there are readings', isQuietAndClosed);
    const before = path();
    const errors = signal()?.errors ?? 0;
    warnings.length = 0;
    await end();
    await until('it is missed', () => (signal()?.errors ?? 0) >= errors + 4);
    expect(path()).toEqual(before);
    expect(breakers.list().map(({ state }) => state)).toEqual(['closed']);
    expect(signal()).toMatchObject({ firing: false, lastError: expect.stringMatching(error) });
    expect(warnings).toEqual([expect.stringMatching(/has no reading, so it changes no breaker/)]);
    const { response } = await call(client, client.modelInfer, echoRequest('served'));
    expect(response && fallbackOf(response)).toBeUndefined();
  });
});
