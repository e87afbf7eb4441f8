import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { isLocal } from '../../src/cli/credentials.ts';
import { selfSigned } from '../grpc/helpers/self-signed.ts';
import { piped } from './helpers/piped.ts';
import { serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

const READ = 'a-token-that-may-read';
const WRITE = 'a-token-that-may-write';
const TOKENS = { tokens: { read: READ, write: WRITE } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-connection-'));
});

function fileOf(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

it('takes the token from a file or the environment', async () => {
  const { address } = await serve(['iris'], TOKENS);
  const file = fileOf('token', `${READ}\n`);
  expect(await piped(['list', '-a', address, '--token-file', file])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await piped(['list', '-a', address], { env: { GRPC_BREAKER_TOKEN: READ } })).toMatchObject({ exitCode: 0, stderr: '' });
});

it('takes a token that ends with a line break, and prints none that cannot be sent', async () => {
  const { address } = await serve(['iris'], TOKENS);
  const list = (token: string) => piped(['list', '-a', address], { env: { GRPC_BREAKER_TOKEN: token } });
  expect(await list(`${READ}\n`)).toMatchObject({ exitCode: 0, stderr: '' });
  for (const token of [`${READ}\nsecret`, `${READ}\u0007`, `${READ} secret`, ' \n']) {
    const { stderr, stdout, exitCode } = await list(token);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: GRPC_BREAKER_TOKEN (is empty|holds more than a token)\nnext: {2}it must .*\n$/);
    expect(stderr).not.toMatch(/that-may-read|secret/);
  }
});

it.for([
  ['no token', {}],
  ['a wrong one', { GRPC_BREAKER_TOKEN: 'a-token-that-is-wrong' }],
] as const)('ends with 4 and says what to do with %s', async ([, env]) => {
  const { address } = await serve(['iris'], TOKENS);
  for (const command of ['list', 'top']) {
    const { stderr, stdout, exitCode } = await piped([command, '-a', address], { env });
    expect([exitCode, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /^error: the admin service \S+ does not know you: .*\nnext: {2}give its token by --token-file FILE or in GRPC_BREAKER_TOKEN\n$/,
    );
  }
});

it('ends with 4 where a token may only read', async () => {
  const { address, breakers } = await serve(['iris'], TOKENS);
  const open = (token: string) =>
    piped(['open', 'iris', '-a', address, '--reason', 'x', '--yes'], { env: { GRPC_BREAKER_TOKEN: token } });
  expect(await open(READ)).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('next:  take a token that may write') as string,
  });
  expect(breakers.list()[0]?.state).toBe('closed');
  expect((await open(WRITE)).exitCode).toBe(0);
  expect(breakers.list()[0]?.state).toBe('open');
});

it.for([['--token', 'secret'], ['--token=secret']])('refuses %j, which everyone can read', async (args) => {
  const { stderr, exitCode } = await piped(['list', ...args]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/--token-file FILE, or set GRPC_BREAKER_TOKEN/);
});

it('connects by TLS to a server whose authority it trusts, and to no other', async () => {
  const { key, certificate } = selfSigned();
  const credentials = ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: certificate }]);
  const { address } = await serve(['iris'], { credentials });
  const ca = fileOf('ca.pem', certificate);
  expect(await piped(['list', '-a', address, '--ca', ca])).toMatchObject({ exitCode: 0, stderr: '' });
  const untrusted = await piped(['list', '-a', address, '--tls']);
  expect([untrusted.exitCode, untrusted.stderr]).toEqual([3, expect.stringContaining('signed by the authority of --ca')]);
  const plain = await piped(['list', '-a', address]);
  expect([plain.exitCode, plain.stderr]).toEqual([3, expect.stringContaining('a server with TLS needs --tls')]);
});

it('warns of a token that goes over the network as it is', async () => {
  const { admin, address } = await serve(['iris'], { address: '0.0.0.0:0', ...TOKENS });
  expect(admin.port).toBeGreaterThan(0);
  const env = { GRPC_BREAKER_TOKEN: READ };
  const { stderr } = await piped(['list', '-a', address.replace('127.0.0.1', '0.0.0.0')], { env });
  expect(stderr).toMatch(/^warning: the token goes to 0\.0\.0\.0:\d+ unencrypted; use --tls\n$/);
});

it.for([
  ['127.0.0.1:7070', true],
  ['127.9.9.9', true],
  ['localhost:1', true],
  ['[::1]:7070', true],
  ['unix:/run/x.sock', true],
  ['127.evil.example:7070', false],
  ['127.0.0.1.evil.example:7070', false],
  ['localhost.evil.example:1', false],
] as const)('knows whether a token to %s stays on this machine', ([address, isHere]) => {
  expect(isLocal(address)).toBe(isHere);
});

it.for([
  [['--token-file', '/nowhere'], '--token-file /nowhere cannot be read'],
  [['--ca', '/nowhere'], '--ca /nowhere cannot be read'],
  [['--ca', 'package.json'], 'the files for TLS cannot be used'],
  [['--cert', 'package.json'], '--cert and --key belong together'],
  [['--timeout', '5'], '--timeout 5 is no duration'],
] as const)('ends with 2 for %j', async ([args, error]) => {
  const { stderr, exitCode } = await piped(['list', '-a', '127.0.0.1:1', ...args]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(`^error: ${error}[^]*\nnext: `)]);
});

it('ends with 3 where there is nobody', async () => {
  const nobody = await piped(['list', '-a', '127.0.0.1:1']);
  expect([nobody.exitCode, nobody.stderr]).toEqual([3, expect.stringContaining('cannot be reached')]);
  const unix = await piped(['list', '-a', 'unix:/nowhere.sock']);
  expect(unix.exitCode).toBe(3);
});

it('takes the address from the environment, and a unix socket', async () => {
  const socket = join(folder, 'admin.sock');
  await serve(['iris'], { address: `unix:${socket}` });
  const { exitCode, stdout } = await piped(['list'], { env: { GRPC_BREAKER_ADDRESS: `unix:${socket}` } });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Unary[iris]')]);
});

it('ends with 3 where somebody listens and says nothing', async () => {
  const server = createServer(() => undefined);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => void server.close());
  for (const command of ['list', 'top']) {
    const { stderr, stdout, exitCode } = await piped([command, '-a', `127.0.0.1:${port}`, '--timeout', '300ms']);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^error: the admin service \S+ (gave no answer in time|cannot be reached|.*nothing was told in time)[^]*\nnext: /,
    );
  }
});

it('says so where another service listens', async () => {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, own) =>
      error === null ? resolve(own) : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  for (const command of ['list', 'top']) {
    const { stderr, exitCode } = await piped([command, '-a', `127.0.0.1:${port}`]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: \S+ has no such admin service/)]);
  }
});
