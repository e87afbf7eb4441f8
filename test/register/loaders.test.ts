import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { REGISTER, runApplication } from './helpers/run-application.ts';

// How applications come to grpc-js: by import or require, with other hooks on modules before and after ours, and with the package itself in the same graph of modules.

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const OTHER_HOOK = '--experimental-loader=@opentelemetry/instrumentation/hook.mjs';
const QUIET = '--disable-warning=ExperimentalWarning';

const FLAGS = [
  ['alone', ['--import', REGISTER]],
  ["after OpenTelemetry's loader hook", [QUIET, OTHER_HOOK, '--import', REGISTER]],
  ["before OpenTelemetry's loader hook", [QUIET, '--import', REGISTER, '--import', './other-hook.mjs']],
] as const;

/** Applications that make their first call as soon as they can. */
const APPLICATIONS = ['early-import.mjs', 'early-import-awaited.mjs', 'early-require.cjs', 'registers-itself.mjs'] as const;

describe.concurrent.each(FLAGS)('registered %s', { timeout: 60_000 }, (_, flags) => {
  it.each(APPLICATIONS)('%s has its breaker from the first call on', async (file) => {
    const env = { TARGET: server.target };
    const { results, stderr, breakers } = await runApplication(file, { env, flags });
    expect(stderr).toBe('');
    expect(results).toEqual([{ code: 13, seen: 1 }]);
    expect(breakers).toMatchObject([{ counts: { failure: 1 } }]);
  });
});

it('calls while the application imports the package go on, and have their breaker soon', { timeout: 60_000 }, async () => {
  const env = { TARGET: server.target };
  const policy = 'methods: [{ trip: { consecutiveFailures: 100000 } }]\n';
  const { results, stderr } = await runApplication('racing-import.mjs', { env, policy, flags: ['--import', REGISTER] });
  expect(stderr).toBe('');
  expect(results).toEqual([{ codes: [13], seen: 1 }]);
});

it('an application that registers itself needs no flag', { timeout: 60_000 }, async () => {
  const { results, stderr } = await runApplication('registers-itself.mjs', { env: { TARGET: server.target } });
  expect(stderr).toBe('');
  expect(results).toEqual([{ code: 13, seen: 1 }]);
});
