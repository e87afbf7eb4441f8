import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HandDriven } from '../../bench/grpc/hand-driven.ts';
import { type Admin, startAdmin } from '../../src/admin/index.ts';
import { type Breakers, createBreakers } from '../../src/index.ts';
import { serviceAvailable, serviceDirectory } from './harness/availability.ts';

const run = promisify(execFile);
const WRITE = 'write-0123456789abcdef';
const READ = 'read-0123456789abcdef';
const SERVICE = 'grpc_breaker.admin.v1.Admin';
const IRIS = '127.0.0.1:8081/bench.Raw/Unary[iris]';

describe.skipIf(!serviceAvailable('grpcurl'))('a real grpcurl, which knows nothing of the service but its address', () => {
  let admin: Admin;
  let breakers: Breakers;

  /** Its output, or what it said when it failed. */
  const grpcurl = async (args: readonly string[], token?: string): Promise<string> => {
    const header = token === undefined ? [] : ['-H', `authorization: Bearer ${token}`, '-H', 'x-grpc-breaker-user: anna'];
    const ended = run(join(serviceDirectory('grpcurl'), 'bin/grpcurl'), ['-plaintext', ...header, ...args]);
    return ended.then(
      ({ stdout }) => stdout,
      ({ stderr }: { stderr: string }) => stderr,
    );
  };
  const ask = async (method: string, request: object): Promise<Record<string, unknown>> =>
    JSON.parse(await grpcurl(['-d', JSON.stringify(request), admin.address, `${SERVICE}/${method}`], WRITE)) as Record<
      string,
      unknown
    >;

  beforeAll(async () => {
    breakers = createBreakers({ methods: [{ key: ['target', 'method', 'request.model_name'] }] }, { telemetry: false });
    new HandDriven(breakers.interceptor('127.0.0.1:8081')).call({ model_name: 'iris' });
    await new Promise(setImmediate);
    admin = await startAdmin(breakers, { address: '127.0.0.1:0', tokens: { read: READ, write: WRITE } });
  });
  afterAll(async () => {
    await admin?.close();
    breakers?.dispose();
  });

  it('lists the services through reflection', async () => {
    const services = (await grpcurl([admin.address, 'list'], READ)).trim().split('\n');
    expect(services).toEqual(['grpc.health.v1.Health', SERVICE]);
    expect(await grpcurl([admin.address, 'list', SERVICE], READ)).toContain(`${SERVICE}.ForceOpen`);
  });

  it('describes a request', async () => {
    const described = await grpcurl([admin.address, 'describe', 'grpc_breaker.admin.v1.ForceOpenRequest'], READ);
    expect(described).toMatch(/google\.protobuf\.Duration expiry = 3/);
  });

  it('lists the breakers, forces one open and releases it', async () => {
    expect(await ask('List', {})).toMatchObject({ breakers: [{ name: IRIS, state: 'STATE_CLOSED' }], totalSize: 1 });
    const forced = await ask('ForceOpen', { name: IRIS, reason: 'new weights', expiry: '60s' });
    expect(forced).toMatchObject({ state: 'STATE_OPEN', override: { kind: 'OVERRIDE_KIND_FORCED_OPEN' } });
    expect(breakers.get(IRIS)?.tryAcquire()).toBeNull();
    expect(breakers.get(IRIS)?.snapshot().overrideReason).toMatch(/^new weights \(by anna from 127\.0\.0\.1:\d+, token write\)$/);
    await ask('Release', { name: IRIS, reason: 'done' });
    expect(breakers.get(IRIS)?.tryAcquire()).not.toBeNull();
  });

  it('watches', async () => {
    const watched = await grpcurl(['-max-time', '1', '-d', '{}', admin.address, `${SERVICE}/Watch`], READ).catch(String);
    expect(watched).toContain('DeadlineExceeded');
  });

  it('is told what was wrong', async () => {
    const force = (request: object, token?: string) =>
      grpcurl(['-d', JSON.stringify(request), admin.address, `${SERVICE}/ForceOpen`], token);
    // It shows the google.rpc.Status, too.
    const unknown = await force({ name: IRIS.replace('iris', 'irs'), reason: 'x' }, WRITE);
    for (const text of ['NotFound', `did you mean ${IRIS}?`, 'google.rpc.ErrorInfo']) expect(unknown).toContain(text);
    const reasonless = await force({ name: IRIS }, WRITE);
    for (const text of ['InvalidArgument', 'google.rpc.BadRequest', 'reason is missing']) expect(reasonless).toContain(text);
    expect(await force({ name: IRIS, reason: 'x' }, READ)).toContain('PermissionDenied');
    expect(await force({ name: IRIS, reason: 'x' }, 'wrong-0123456789abcdef')).toContain('the token is not known');
    expect(await force({ name: IRIS, reason: 'x' })).toContain('needs a token');
  });

  it('asks for health without a token', async () => {
    const proto = [
      '-import-path',
      join(import.meta.dirname, '../../node_modules/grpc-health-check/proto/health/v1'),
      '-proto',
      'health.proto',
    ];
    expect(await grpcurl([...proto, '-d', '{}', admin.address, 'grpc.health.v1.Health/Check'])).toContain('SERVING');
  });
});
