import { credentials } from '@grpc/grpc-js';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FallbackSourceOptions } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { methodName, SCRIPTED } from '../grpc/helpers/scripted-service.ts';
import { TestMetricReader } from '../telemetry/harness/metric-reader.ts';
import { ask } from './helpers/asking.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const fail = (why: string): never => {
  throw new Error(why);
};

/** Every way to have no answer, and one that has. */
const SOURCES: readonly FallbackSourceOptions[] = [
  { name: 'throws', function: () => fail('thrown') },
  { name: 'rejects', function: async () => fail('rejected') },
  { name: 'unfit', function: () => ({ weights: 'none' }) },
  { name: 'hangs', function: () => new Promise(() => {}), timeout: '5ms' },
  { name: 'has-nothing', function: () => undefined },
  { name: 'has-nothing-later', function: async () => undefined },
  { name: 'old', lastGood: { maxAge: '1s' } },
  { name: 'no-server', call: { client: { target: '127.0.0.1:1', credentials: credentials.createInsecure() } } },
  { name: 'never-asked', function: () => fail('asked'), when: 'stale' },
  { name: 'default', message: { text: 'default' } },
  { name: 'behind', function: () => fail('asked') },
];

it('sources that are passed over are counted by why, for each call, and warned of once', async () => {
  const reader = new TestMetricReader();
  const clock = new ManualClock(1_000);
  const name = [{ service: SCRIPTED, method: 'Unary' }];
  const { connect, breaker, warnings, breakers } = attachAll(
    { methods: [{ jitter: 0, rampUp: 0, name, fallback: { on: ['rejected', 'stale'], sources: SOURCES } }] },
    { clock, telemetry: { meterProvider: new MeterProvider({ readers: [reader] }) } },
  );
  const client = connect(server.target);
  await ask(client);
  clock.advance(1_001);
  breaker(server.target, 'unary').trip('by the test');
  for (let call = 0; call < 3; call++) expect((await ask(client)).info).toMatchObject({ source: 'default' });
  const skipped = (await reader.series('fallback.skips')).map((line) => line.replace(/^\S+ fallback.source=/, ''));
  expect(skipped).toEqual([
    'hangs reason=timeout: 3',
    'has-nothing reason=empty: 3',
    'has-nothing-later reason=empty: 3',
    'no-server reason=failed: 3',
    'old reason=too_old: 3',
    'rejects reason=failed: 3',
    'throws reason=failed: 3',
    'unfit reason=failed: 3',
  ]);
  const said = (source: string, why: string) =>
    expect.stringContaining(
      `fallback source "${source}" of ${methodName('unary')} failed and is passed over (said once): ${why}`,
    );
  expect(warnings).toEqual([
    said('throws', 'thrown'),
    said('rejects', 'rejected'),
    said('unfit', '.scripted.v1.Answer.weights: array expected'),
    said('hangs', 'no answer within 5 ms'),
    said('no-server', '14 UNAVAILABLE'),
  ]);
  breakers.dispose();
});
