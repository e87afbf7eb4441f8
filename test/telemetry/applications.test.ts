import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoServer } from './harness/echo.ts';

// Small applications as processes of their own: what an instrumentation sees depends on who loads grpc-js first, and how.

let server: EchoServer;
beforeAll(async () => {
  server = await EchoServer.start();
});
afterAll(() => server.stop());

async function run(file: string, instrumented: 'yes' | 'no', ...args: string[]): Promise<unknown> {
  const cwd = new URL('applications/', import.meta.url);
  const env = { ...process.env, TARGET: server.target, INSTRUMENTED: instrumented };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, file], { cwd, env });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const CALLS = { success: 1, failure: 3, ignored: 0, rejected: 1 };
const COMMON = { codes: [0, 14, 14, 14, 14], warnings: [] };
const METHOD = 'grpc.test.Echo/Say';

/** The trip links to the client spans of the failed calls; the one that tripped it and the refused one tell of it. */
const ON_CLIENT_SPANS = {
  ...COMMON,
  clientSpans: 5,
  linkedTo: [METHOD, METHOD, METHOD],
  areDistinct: true,
  written: [
    [METHOD, false, true],
    [METHOD, true, true],
  ],
  open: 1,
  calls: CALLS,
};

/** The trip links to the application's own spans around the calls, which stay as they are. */
const ON_OWN_SPANS = {
  ...COMMON,
  clientSpans: 0,
  linkedTo: ['tick', 'tick', 'tick'],
  areDistinct: true,
  written: [],
  open: 1,
  calls: CALLS,
};

const PRELOAD = ['--import', './telemetry.mjs'];

describe.concurrent('an outage in an application', { timeout: 60_000 }, () => {
  it.each([
    ['required.cjs', []],
    ['package-first.cjs', []],
    ['imported.mjs', []],
    ['preloaded.mjs', PRELOAD],
    ['telemetry-last.mjs', []],
  ])('%s with instrumentation-grpc: on the client spans', async (file, args) => {
    expect(await run(file, 'yes', ...args)).toEqual(ON_CLIENT_SPANS);
  });

  it.each([
    ['required.cjs', []],
    ['package-first.cjs', []],
    ['imported.mjs', []],
    ['preloaded.mjs', PRELOAD],
    ['telemetry-last.mjs', []],
    ['sdk-last.mjs', []],
  ])('%s without it: on its own spans', async (file, args) => {
    expect(await run(file, 'no', ...args)).toEqual(ON_OWN_SPANS);
  });

  it('imports of names that came too early for the instrumentation are as without it', async () => {
    expect(await run('named-too-early.mjs', 'yes')).toEqual(ON_OWN_SPANS);
  });

  it('without an SDK goes as with one', async () => {
    expect(await run('preloaded.mjs', 'no')).toEqual(COMMON);
  });
});
