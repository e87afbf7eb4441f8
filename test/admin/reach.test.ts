import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { failureOf, POLICY, start } from './helpers/started.ts';

const ELSEWHERE = { target: '127.0.0.1:9', tls: false } as const;
const method = POLICY.methods?.[0];
const prometheus = { url: 'http://127.0.0.1:9', query: 'up', above: 1 };
const FURTHER = [
  ['clients.e', { clients: { e: ELSEWHERE }, methods: [{ ...method, fallback: { sources: [{ call: { client: 'e' } }] } }] }],
  ['protos[0]', { protos: ['/etc/passwd'], methods: [] }],
  ['methods[0].trip.prometheus.url', { methods: [{ ...method, trip: { prometheus } }] }],
  ['methods[0].openInference.trip.prometheus.url', { methods: [{ openInference: { trip: { prometheus } } }] }],
  ['presets.p.trip.prometheus.url', { presets: { p: { trip: { prometheus } } }, methods: [{ ...method, preset: 'p' }] }],
] as const;

describe('a policy of somebody without a token', () => {
  it.each(FURTHER)('may not name %s, which is not in the policy that holds', async (path, policy) => {
    const { client, breakers, audited } = await start();
    const before = breakers.policy;
    for (const validate_only of [true, false]) {
      const error = await failureOf(
        client().call('ReloadPolicy', { document: JSON.stringify(policy), reason: 'x', validate_only }),
      );
      expect(error).toMatchObject({ code: Status.PERMISSION_DENIED, details: expect.stringContaining(`${path} is not in`) });
    }
    expect(breakers.policy).toBe(before);
    expect(audited).toMatchObject([{ result: 'refused' }]);
  });

  it('may change a policy that has clients, and not where they lead', async () => {
    const { client, breakers } = await start({ policy: { ...POLICY, clients: { e: ELSEWHERE } } });
    const reload = (target: string) =>
      client().call('ReloadPolicy', {
        document: JSON.stringify({ clients: { e: { ...ELSEWHERE, target } }, methods: [{ openFor: '7s' }] }),
        reason: 'x',
      });
    await reload(ELSEWHERE.target);
    expect(breakers.policy.methods?.[0]).toEqual({ openFor: '7s' });
    expect((await failureOf(reload('127.0.0.1:10'))).code).toBe(Status.PERMISSION_DENIED);
  });

  it('may do so with a token', async () => {
    const token = 'write-0123456789abcdef';
    const { client, breakers } = await start({ tokens: { write: token } });
    await client({ token }).call('ReloadPolicy', { document: JSON.stringify({ clients: { e: ELSEWHERE } }), reason: 'x' });
    expect(breakers.policy.clients).toEqual({ e: ELSEWHERE });
  });
});
