import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { REGISTER, runApplication, type Start } from './helpers/run-application.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const FLAGS = ['--import', REGISTER];
const UNARY = '/scripted.v1.Scripted/Unary';
const POLICY = 'methods: [{ trip: { consecutiveFailures: 3 }, openFor: 1m }]\n';
const BROKEN = 'methods:\n  - openFor: soon\n    trip: { consecutivFailures: 3 }\n';

function failing(times: number): Record<string, string> {
  return { TARGET: server.target, CALLS: JSON.stringify(Array.from({ length: times }, () => [UNARY, 13])) };
}

/** An address at which nobody listens. */
async function freeAddress(): Promise<string> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return `127.0.0.1:${port}`;
}

function untilRefused(next: string, start: Start) {
  return runApplication('until-refused.mjs', {
    flags: FLAGS,
    ...start,
    env: { TARGET: server.target, NEXT_POLICY: next, ...start.env },
  });
}

describe.concurrent('the policy of a registered process', { timeout: 60_000 }, () => {
  it('is the default one where there is no file', async () => {
    const { results, breakers, stderr } = await runApplication('calls.mjs', { env: failing(1), flags: FLAGS });
    expect(stderr).toBe('');
    expect(results).toEqual([[13]]);
    expect(breakers).toMatchObject([{ name: `${server.target}${UNARY}`, state: 'closed' }]);
  });

  it('is loaded again when the file changes', async () => {
    const { results, stderr } = await untilRefused(POLICY, { policy: 'methods: [{ mode: off }]\n' });
    expect(stderr).toBe('');
    expect(results).toEqual([[13, 13, 13, 13, 13, 14]]);
  });

  it('that is broken at the start is said with every problem, and protects when it is mended', async () => {
    const { results, stderr } = await untilRefused(POLICY, { policy: BROKEN });
    expect(stderr).toMatch(/line 2/);
    expect(stderr).toContain('"soon"');
    expect(stderr).toContain('consecutiveFailures');
    expect(stderr).toMatch(/have no breakers until .*breakers\.yaml is mended/);
    expect(stderr).toMatch(/breakers\.yaml is mended; the gRPC clients of this process have breakers/);
    expect(results).toEqual([[13, 13, 13, 13, 13, 14]]);
  });

  it('that becomes broken is said, and the one before it holds', async () => {
    const next = `${BROKEN}# ${'x'.repeat(10)}\n`;
    const first = 'methods: [{ trip: { consecutiveFailures: 40 }, openFor: 1m }]\n';
    const { results, stderr } = await untilRefused(next, { policy: first });
    expect((results as number[][])[0]?.at(-1)).toBe(14);
    expect(stderr).toMatch(/was refused/);
    expect(stderr).toContain('"soon"');
  });

  it('that is broken ends the process where that is asked for', async () => {
    const env = { ...failing(1), GRPC_BREAKER_STRICT: '1' };
    const { exitCode, stderr, results } = await runApplication('calls.mjs', { env, policy: BROKEN, flags: FLAGS });
    expect(exitCode).toBe(1);
    expect(results).toEqual([]);
    expect(stderr).toContain('"soon"');
    expect(stderr).toContain('GRPC_BREAKER_STRICT');
  });

  it('finds the functions of the module of options', async () => {
    const env = { ...failing(4), GRPC_BREAKER_OPTIONS: './options.mjs' };
    const policy = 'methods: [{ trip: { consecutiveFailures: 2 }, openFor: 1m, classify: neverFails }]\n';
    const { results, breakers, stderr } = await runApplication('calls.mjs', { env, policy, flags: FLAGS });
    expect(stderr).toBe('');
    expect(results).toEqual([[13, 13, 13, 13]]);
    expect(breakers).toMatchObject([{ state: 'closed', counts: { success: 4 } }]);
  });

  it.each([
    ['./awaiting-options.mjs', 'top-level await'],
    ['./text-options.mjs', 'no object of options'],
  ])('holds without a module of options that is none: %s', async (file, said) => {
    const env = { ...failing(4), GRPC_BREAKER_OPTIONS: file };
    const { results, stderr } = await runApplication('calls.mjs', { env, policy: POLICY, flags: FLAGS });
    expect(results).toEqual([[13, 13, 13, 14]]);
    expect(stderr).toContain(said);
  });

  it('that needs a module of options that cannot be loaded leaves the process unprotected', async () => {
    const env = { ...failing(4), GRPC_BREAKER_OPTIONS: './no-such-file.mjs' };
    const policy = 'methods: [{ trip: { consecutiveFailures: 2 }, openFor: 1m, classify: neverFails }]\n';
    const { results, breakers, stderr } = await runApplication('calls.mjs', { env, policy, flags: FLAGS });
    expect(results).toEqual([[13, 13, 13, 13]]);
    expect(breakers).toEqual([]);
    expect(stderr).toContain('no-such-file.mjs');
    expect(stderr).toContain('neverFails');
  });
});

/** Ways to start it. */
const STARTS = [
  ['--require', { flags: ['--require', 'src/register.ts'] }],
  ['twice --import', { flags: [...FLAGS, ...FLAGS] }],
  ['NODE_OPTIONS', { env: { NODE_OPTIONS: `--import ${REGISTER}` } }],
  ['NODE_OPTIONS and --import', { env: { NODE_OPTIONS: `--import ${REGISTER}` }, flags: FLAGS }],
] as const;

describe.concurrent('a process is registered', { timeout: 60_000 }, () => {
  it.each(STARTS)('with %s', async (_, start) => {
    const flags =
      'flags' in start ? start.flags.map((flag) => (flag === 'src/register.ts' ? `${process.cwd()}/${flag}` : flag)) : [];
    const env = { ...failing(5), ...('env' in start && start.env) };
    const { results, breakers, stderr } = await runApplication('calls.mjs', { env, policy: POLICY, flags });
    expect(stderr).toBe('');
    expect(results).toEqual([[13, 13, 13, 14, 14]]);
    expect(breakers).toMatchObject([{ state: 'open', counts: { failure: 3, rejected: { open: 2 } } }]);
  });

  it('and has its admin service where that is asked for', async () => {
    const env = { ...failing(1), GRPC_BREAKER_ADMIN: await freeAddress() };
    const { results } = await runApplication('with-admin.mjs', { env, policy: POLICY, flags: FLAGS });
    expect(results).toEqual([{ codes: [13], admin: true }]);
  });

  it('and works without its admin service where that cannot be started', async () => {
    const env = { ...failing(1), GRPC_BREAKER_ADMIN: 'nowhere' };
    const { results, stderr, breakers } = await runApplication('calls.mjs', { env, policy: POLICY, flags: FLAGS });
    expect(stderr).toContain('GRPC_BREAKER_ADMIN');
    expect(results).toEqual([[13]]);
    expect(breakers).toHaveLength(1);
  });

  it('and so are its workers', async () => {
    const { results, stderr } = await runApplication('worker.mjs', { env: failing(5), policy: POLICY, flags: FLAGS });
    expect(stderr).toBe('');
    expect(results).toEqual([{ codes: [13, 13, 13, 14, 14], breakers: [`${server.target}${UNARY}`] }]);
  });
});
