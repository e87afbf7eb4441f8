import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { REGISTER, runApplication } from './helpers/run-application.ts';
import { outageInSpans } from './helpers/span-report.ts';
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

const TELEMETRY = join(import.meta.dirname, '../telemetry/applications/telemetry.mjs');
const ORDERS = [
  ['before telemetry', [REGISTER, TELEMETRY]],
  ['after telemetry', [TELEMETRY, REGISTER]],
] as const;
const FORMS_AND_ORDERS = FORMS.flatMap((form) => ORDERS.map(([order, preloaded]) => ({ form, order, preloaded })));

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

  it.each(FORMS_AND_ORDERS)('in .$form, registered $order, has its outage on the client spans', async ({ form, preloaded }) => {
    const flags = preloaded.flatMap((file) => ['--import', file]);
    const { results, stderr, spans } = await runApplication(`${client}.${form}`, {
      env: { ...env(), INSTRUMENTED: 'yes' },
      policy: POLICY,
      flags,
    });
    expect(stderr).toBe('');
    expect((results as [{ code?: number }[]])[0].map(({ code }) => code)).toEqual([undefined, undefined, 13, 13, 13, 14]);
    // In the order in which the calls ended; the refused one has a span, too, and the trip links to those that failed.
    expect(outageInSpans(spans)).toEqual({
      calls: [0, 0, 13, 13, 13, 14],
      linkedTo: [2, 3, 4],
      annotated: [4, 5],
      refused: [5],
      linkToTrip: [4, 5],
      open: 1,
    });
  });
});
