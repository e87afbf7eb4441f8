import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { REGISTER, runApplication } from './helpers/run-application.ts';
import { startThirdPartyServer, type ThirdPartyServer } from './helpers/third-party-server.ts';

// Clients that ship on npm, unmodified, in applications that know nothing of breakers, against a real server.

let scripted: ScriptedServer;
let thirdParty: ThirdPartyServer;
beforeAll(async () => {
  scripted = await startScriptedServer();
  thirdParty = await startThirdPartyServer();
});
afterAll(async () => {
  thirdParty.stop();
  await scripted.stop();
});

const POLICY = 'methods: [{ trip: { consecutiveFailures: 3 }, openFor: 1m }]\n';

/** Each client, with the method that it calls. */
const CLIENTS = [
  ['nest', 'scripted.v1.Scripted/Unary'],
  ['gax', 'google.cloud.tasks.v2.CloudTasks/CreateTask'],
  ['dgraph', 'api.Dgraph/Query'],
] as const;

const FORMS = ['mjs', 'cjs'] as const;

describe.concurrent.each(CLIENTS)('a client of %s', { timeout: 60_000 }, (client, method) => {
  const targetOf = () => (client === 'nest' ? scripted.target : thirdParty.target);
  // google-auth would look for Google's cloud around this machine.
  const env = () => ({
    TARGET: targetOf(),
    PROTO: join(import.meta.dirname, '../protos/scripted.proto'),
    METADATA_SERVER_DETECTION: 'none',
  });

  it.each(FORMS)('in .%s is protected: the same answers, and a refusal when it has tripped', async (form) => {
    const without = await runApplication(`${client}.${form}`, { env: env() });
    const registered = await runApplication(`${client}.${form}`, { env: env(), policy: POLICY, flags: ['--import', REGISTER] });
    expect([without.stderr, registered.stderr]).toEqual(['', '']);
    const [before] = without.results as [Record<string, unknown>[]];
    const [after] = registered.results as [Record<string, unknown>[]];
    expect(before.map(({ code }) => code)).toEqual([undefined, undefined, 13, 13, 13, undefined]);
    expect(after.slice(0, 5)).toEqual(before.slice(0, 5));
    expect(after[5]).toMatchObject({ code: 14, details: expect.stringContaining('is open') });
    expect(registered.breakers).toMatchObject([{ name: `${targetOf()}/${method}`, state: 'open' }]);
    expect(without.breakers).toEqual([]);
  });
});
