import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { REGISTER, runApplication } from './helpers/run-application.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const POLICY = 'methods: [{ trip: { consecutiveFailures: 3 }, openFor: 1m }]\n';
const PROTO = join(import.meta.dirname, '../protos/scripted.proto');
const FLAGS = ['--import', REGISTER];

type Places = Record<string, Record<'good' | 'tripped', Record<string, string>>>;

describe.concurrent('calls of a registered process', { timeout: 60_000 }, () => {
  it('keep the interceptors of the application, in their order and outside of the breaker, in all four types', async () => {
    const env = { TARGET: server.target };
    const without = await runApplication('four-types.mjs', { env });
    const registered = await runApplication('four-types.mjs', { env, policy: POLICY, flags: FLAGS });
    const [before] = without.results as [Places];
    const [after] = registered.results as [Places];
    expect(registered.stderr).toBe('');
    expect(Object.keys(before)).toEqual(['none', 'client', 'clientProviders', 'call', 'callProviders']);
    for (const [place, { good, tripped }] of Object.entries(before)) {
      expect(after[place]?.good, place).toEqual(good);
      const refused = Object.entries(tripped).map(([type, text]) => [type, `14;${text.slice(text.indexOf(';') + 1)}`]);
      expect(after[place]?.tripped, place).toEqual(Object.fromEntries(refused));
    }
    expect(before['callProviders']?.good['unary']).toMatch(/; one starts, two starts, two ends, one ends$/);
    expect(registered.breakers.map(({ name }) => name)).toEqual(
      ['Unary', 'Upload', 'Download', 'Chat'].map((method) => `${server.target}/scripted.v1.Scripted/${method}`),
    );
  });

  it('get the last good answer of their channel', async () => {
    const policy = `protos: [${PROTO}]
methods:
  - name: [{ service: scripted.v1.Scripted, method: Unary }]
    trip: { consecutiveFailures: 3 }
    openFor: 1m
    fallback: { sources: [{ lastGood: { key: [model_name], maxAge: 1m } }] }
`;
    const { results, breakers, stderr } = await runApplication('last-good.mjs', {
      env: { TARGET: server.target, PROTO },
      policy,
      flags: FLAGS,
    });
    expect(stderr).toBe('');
    const [calls] = results as [Record<string, unknown>[]];
    expect(calls.map(({ code }) => code)).toEqual([undefined, undefined, 13, 13, 13, undefined]);
    expect(calls[5]).toEqual({ answer: 'answer 2' });
    expect(breakers).toMatchObject([{ state: 'open' }]);
  });

  it('with a breaker of the application are left alone', async () => {
    const { results, stderr, breakers } = await runApplication('by-hand.mjs', { env: { TARGET: server.target }, flags: FLAGS });
    expect(stderr).toBe('');
    expect(results).toEqual([
      ['options', 1],
      ['options, providers', 2],
      ['options, interceptors of the call', 3],
      ['options, providers of the call', 4],
      ['interceptor', 5],
      ['protected', 6],
    ]);
    expect(breakers).toEqual([]);
  });

  it('of telemetry exporters are left alone, unless a policy names them', async () => {
    const service = 'opentelemetry.proto.collector.trace.v1.TraceService';
    const env = { TARGET: server.target, CALLS: JSON.stringify([[`/${service}/Export`, 0]]) };
    const unnamed = await runApplication('calls.mjs', { env, policy: POLICY, flags: FLAGS });
    expect(unnamed).toMatchObject({ results: [[12]], breakers: [], stderr: '' });
    const policy = `methods: [{ name: [{ service: ${service} }] }]\n`;
    const named = await runApplication('calls.mjs', { env, policy, flags: FLAGS });
    expect(named).toMatchObject({ results: [[12]], breakers: [{ name: `${server.target}/${service}/Export` }] });
  });
});
