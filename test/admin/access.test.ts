import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, ServerCredentials, status as Status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../grpc/helpers/self-signed.ts';
import type { Method } from './helpers/admin-client.ts';
import { failureOf, nameOf, POLICY, start } from './helpers/started.ts';

const READ = 'read-0123456789abcdef';
const WRITE = 'write-0123456789abcdef';
const OTHER = 'other-0123456789abcdef';
const IRIS = nameOf('iris');

const READING: readonly [Method, object][] = [
  ['List', {}],
  ['Get', { name: IRIS }],
  ['GetPolicy', {}],
];
const WRITING: readonly [Method, object][] = [
  ['ForceOpen', { name: IRIS, reason: 'x' }],
  ['ForceClosed', { name: IRIS, reason: 'x' }],
  ['SetMode', { name: IRIS, reason: 'x', mode: 'MODE_OBSERVE' }],
  ['Release', { name: IRIS, reason: 'x' }],
  ['Reset', { name: IRIS, reason: 'x' }],
  ['ReloadPolicy', { document: JSON.stringify(POLICY), reason: 'x' }],
  ['ReloadPolicy', { document: JSON.stringify(POLICY), validate_only: true }],
];

const codes = (client: { call: (method: Method, request: object) => Promise<unknown> }, calls: readonly [Method, object][]) =>
  Promise.all(
    calls.map(([method, request]) =>
      client.call(method, request).then(
        () => Status.OK,
        ({ code }) => code as number,
      ),
    ),
  );

const watchCode = (client: ReturnType<Awaited<ReturnType<typeof start>>['client']>): Promise<number> =>
  new Promise((resolve) => {
    const stream = client.watch();
    stream.on('error', (error: Error & { code: number }) => resolve(error.code));
    stream.on('data', () => {
      resolve(Status.OK);
      stream.cancel();
    });
  });

describe('an address that other machines reach', () => {
  it.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'my-host:0'])('%s is refused without protection', async (address) => {
    await expect(start({ address })).rejects.toThrow(
      `does not listen on ${address}, which other machines reach, without protection`,
    );
    await expect(start({ address, tokens: {} })).rejects.toThrow('tokens: { write:');
    await expect(start({ address, credentials: ServerCredentials.createInsecure() })).rejects.toThrow('without protection');
  });

  it('is taken with a token, and then every call needs one', async () => {
    const { admin, client } = await start({ address: '0.0.0.0:0', tokens: { write: WRITE } });
    expect(admin.address).toMatch(/^0\.0\.0\.0:\d+$/);
    expect(await codes(client(), [...READING, ...WRITING])).toEqual(Array(10).fill(Status.UNAUTHENTICATED));
    expect(await watchCode(client())).toBe(Status.UNAUTHENTICATED);
    expect(await codes(client({ token: WRITE }), [...READING, ...WRITING])).toEqual(Array(10).fill(Status.OK));
  });

  it('is taken with TLS, and then anyone may look, and nobody change anything', async () => {
    const { key, certificate } = selfSigned();
    const server = ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: certificate }]);
    const { client } = await start({ address: '0.0.0.0:0', credentials: server });
    const anyone = client({ credentials: credentials.createSsl(certificate) });
    expect(await codes(anyone, READING)).toEqual(Array(3).fill(Status.OK));
    expect(await codes(anyone, WRITING)).toEqual(Array(7).fill(Status.PERMISSION_DENIED));
  });

  it('is taken with mutual TLS, and whoever has a certificate may change something', async () => {
    const { key, certificate } = selfSigned();
    const server = ServerCredentials.createSsl(certificate, [{ private_key: key, cert_chain: certificate }], true);
    const { client, audited } = await start({ address: '0.0.0.0:0', credentials: server });
    const known = client({ credentials: credentials.createSsl(certificate, key, certificate) });
    expect(await codes(known, WRITING)).toEqual(Array(7).fill(Status.OK));
    expect(audited[0]).toMatchObject({ token: 'certificate', user: 'localhost' });
    expect(await codes(client({ credentials: credentials.createSsl(certificate) }), READING)).toEqual(
      Array(3).fill(Status.UNAVAILABLE),
    );
  });
});

describe('tokens', () => {
  const tokens = { read: { dashboard: READ }, write: { anna: WRITE } };

  it('keep reading and writing apart', async () => {
    const { client, audited } = await start({ tokens });
    const reader = client({ token: READ, user: 'bob' });
    expect(await codes(reader, READING)).toEqual(Array(3).fill(Status.OK));
    expect(await watchCode(reader)).toBe(Status.OK);
    expect(await codes(reader, WRITING)).toEqual(Array(7).fill(Status.PERMISSION_DENIED));
    // Who tried stands in the audit, too.
    expect(audited[0]).toMatchObject({
      token: 'dashboard',
      user: 'bob',
      result: 'refused',
      problem: expect.stringContaining('may only read'),
    });
    expect(await codes(client({ token: WRITE }), WRITING)).toEqual(Array(7).fill(Status.OK));
    expect(audited.at(-1)).toMatchObject({ token: 'anna', result: 'done' });
  });

  it('of nobody are refused, and change nothing', async () => {
    const { client, breakers, warnings, audited } = await start({ tokens });
    const stranger = client({ token: OTHER });
    expect(await codes(stranger, [...READING, ...WRITING])).toEqual(Array(10).fill(Status.UNAUTHENTICATED));
    expect(breakers.get(IRIS)?.snapshot().override).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('wrong token from 127.0.0.1:')]);
    expect(audited).toEqual([]);
  });

  it('that are wrong are too many after a while, and keep out nobody behind the same address who has a right one', async () => {
    const { client, clock, warnings } = await start({ tokens });
    const guesses = await Promise.all(Array.from({ length: 25 }, () => failureOf(client({ token: OTHER }).call('List'))));
    expect(guesses.filter(({ code }) => code === Status.UNAUTHENTICATED)).toHaveLength(20);
    expect(guesses.filter(({ code }) => code === Status.RESOURCE_EXHAUSTED)).toHaveLength(5);
    expect(warnings).toHaveLength(1);
    expect(await client({ token: WRITE }).call('List')).toMatchObject({ total_size: 2 });
    clock.advance(1_000);
    expect((await failureOf(client({ token: OTHER }).call('List'))).code).toBe(Status.UNAUTHENTICATED);
  });

  it('of readers write no lines of their own into the audit', async () => {
    const { client, audited } = await start({ tokens });
    const forged = 'x\u001b[2K\nForceOpen prices by boss done\u2028';
    await failureOf(client({ token: READ }).call('ForceOpen', { name: forged, reason: forged }));
    await failureOf(client({ token: WRITE }).call('ForceOpen', { name: forged, reason: forged }));
    await failureOf(
      client({ token: WRITE }).call('ReloadPolicy', { document: 'methods: [{ openFor: never, mode: x }]', reason: 'x' }),
    );
    expect(audited.map(({ result }) => result)).toEqual(['refused', 'refused', 'refused']);
    expect(audited[0]).toMatchObject({ breaker: 'x [2K ForceOpen prices by boss done', reason: audited[0]?.breaker });
    // oxlint-disable-next-line no-control-regex -- these are what is looked for
    for (const record of audited) expect(Object.values(record).join()).not.toMatch(/[\u0000-\u001f\u2028]/);
    expect(audited[2]?.problem).toMatch(/openFor.*mode/);
  });

  it('that are too short are refused at the start', async () => {
    await expect(start({ tokens: { write: 'secret' } })).rejects.toThrow('the admin token write has 6 characters');
  });

  it('of readers alone: nobody may change anything', async () => {
    const { client } = await start({ tokens: { read: READ } });
    expect(await codes(client({ token: READ }), WRITING)).toEqual(Array(7).fill(Status.PERMISSION_DENIED));
  });
});

describe('loopback without tokens', () => {
  it('lets anyone on the machine change something', async () => {
    const { client } = await start();
    expect(await codes(client(), WRITING)).toEqual(Array(7).fill(Status.OK));
  });

  it.each(['[::1]:0', `unix:${join(tmpdir(), `grpc-breaker-${process.pid}.sock`)}`])('is %s, too', async (address) => {
    const { client, admin } = await start({ address });
    expect(admin.address.startsWith(address.replace(/0$/, ''))).toBe(true);
    expect(await codes(client(), WRITING)).toEqual(Array(7).fill(Status.OK));
  });

  it('does not where it is told so', async () => {
    const { client } = await start({ writesWithoutToken: false });
    expect(await codes(client(), READING)).toEqual(Array(3).fill(Status.OK));
    expect((await failureOf(client().call('ForceOpen', { name: IRIS, reason: 'x' }))).details).toContain(
      'changes need a token here',
    );
  });
});
