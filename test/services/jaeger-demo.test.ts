import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceAvailable } from './harness/availability.ts';
import { type Jaeger, startJaeger } from './harness/jaeger.ts';
import { P } from './harness/telemetry-names.ts';

// `npm run demo -- --otlp` against a real Jaeger: what it says about its traces is there.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVICE = 'grpc-breaker-demo';

describe.skipIf(!serviceAvailable('jaeger')).each(['otlpGrpcUrl', 'otlpUrl'] as const)('the demo sends to Jaeger (%s)', (url) => {
  let jaeger: Jaeger;
  let printed: string;

  beforeAll(async () => {
    jaeger = await startJaeger('badger');
    printed = await new Promise<string>((resolve) => {
      // Its exit code says how well the bot was protected, which a busy machine may spoil; here its traces count.
      const protocol = url === 'otlpGrpcUrl' ? 'grpc' : 'http/protobuf';
      const env = { ...process.env, NO_COLOR: '1', OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      const args = ['examples/demo/main.ts', '--seconds', '5', '--otlp', jaeger[url]];
      execFile(process.execPath, args, { cwd: ROOT, env, maxBuffer: 1e8 }, (_error, stdout) => resolve(stdout));
    });
  }, 60_000);
  afterAll(() => jaeger?.stop());

  it('and names the trace of each trip, which is the whole outage', async () => {
    const traceIds = [...printed.matchAll(/^\w+ +([0-9a-f]{32}) +http:\/\/127\.0\.0\.1:16686\/trace\/\1$/gm)].map(
      ([, id]) => id ?? '',
    );
    expect(traceIds.length).toBeGreaterThanOrEqual(3);
    const found = await jaeger.query.find(SERVICE, `${P}transition`, { error: 'true' });
    expect(found.toSorted()).toEqual(traceIds.toSorted());
    for (const id of traceIds) {
      const trace = await jaeger.query.trace(id);
      const transitions = trace.filter(({ name }) => name === `${P}transition`);
      const periods = trace.filter(({ name }) => name === `${P}open`);
      expect(transitions.length).toBeGreaterThanOrEqual(2);
      expect(periods.length).toBeGreaterThanOrEqual(1);
      for (const { attributes } of periods) expect(Number(attributes[`${P}rejected.count`])).toBeGreaterThanOrEqual(0);
    }
  });

  it('with links that lead to stored calls that failed', async () => {
    const stored = await jaeger.query.search(SERVICE, `${P}transition`);
    const trips = stored.filter(({ name, parentSpanId }) => name === `${P}transition` && parentSpanId === undefined);
    // A trip of the warm-up, on a busy machine, has none: its calls are not traced.
    const links = trips.flatMap((trip) => trip.links);
    expect(links.length).toBeGreaterThanOrEqual(3);
    for (const link of links) {
      const call = (await jaeger.query.trace(link.traceId)).find(({ spanId }) => spanId === link.spanId);
      expect(call?.service).toBe(SERVICE);
    }
  });

  it('and says how to find them all', () => {
    expect(printed).toContain(`16686/search?service=${SERVICE}&operation=${P}transition`);
  });
});
