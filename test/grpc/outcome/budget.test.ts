import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import type { BreakerEntry } from '../../../src/policy/registry.ts';
import { attach, ready } from '../helpers/attached.ts';
import { codeOf, type Plan, play } from '../helpers/play.ts';
import { steadily } from '../helpers/quiet.ts';
import { type Registered, register } from '../helpers/registered.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { forkScriptedServer, type ScriptedServerProcess } from '../helpers/scripted-server-process.ts';
import { CALL_TYPES, type CallType, SCRIPTED } from '../helpers/scripted-service.ts';

// How much time a call had before it missed its deadline, or before its caller gave up, and what that says of the server.

const HANG: Script = { answers: 0, hang: true };

let server: ScriptedServerProcess;
beforeAll(async () => {
  server = await forkScriptedServer();
});
afterAll(() => server.kill());

function countsOf(registered: Registered) {
  const { success, failure, ignored } = (registered.entries()[0] as BreakerEntry).breaker.snapshot().counts;
  return { success, failure, ignored };
}

async function connected(policy: MethodPolicyOptions) {
  const registered = register({ trip: { consecutiveFailures: 100 }, ...policy });
  const client = registered.connect(server.target);
  await ready(client);
  return { registered, client };
}

describe.each(CALL_TYPES)('a deadline that leaves less than minBudget (%s)', (type) => {
  it('and is missed says nothing; a longer one does', () =>
    steadily(async () => {
      const { registered, client } = await connected({ minBudget: '50ms' });
      for (const budgetMs of [20, 70]) {
        const options = { deadline: Date.now() + budgetMs };
        const played = await play(client, type, { metadata: scripted(HANG), options });
        expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
      }
      expect(countsOf(registered)).toEqual({ success: 0, failure: 1, ignored: 1 });
      expect(registered.ignored()).toEqual({ shortBudget: 1 });
    }));

  it('and is met counts as any other, and so does another failure', () =>
    steadily(async () => {
      const { registered, client } = await connected({ minBudget: '10s' });
      for (const code of [Status.OK, Status.UNAVAILABLE]) {
        await play(client, type, { metadata: scripted({ answers: 0, code }), options: { deadline: Date.now() + 1_000 } });
      }
      expect(countsOf(registered)).toMatchObject({ failure: 1, ignored: 0 });
    }));
});

describe('minBudget: auto', () => {
  it('is half of the usual latency, as adaptive has learned it', () =>
    steadily(async () => {
      const trip = { adaptive: { warmUp: 120 } };
      const { registered, client } = await connected({ trip, minBudget: 'auto' });
      const late = () => play(client, 'unary', { metadata: scripted(HANG), options: { deadline: Date.now() + 20 } });
      await late(); // Nothing is learned: it counts.
      for (let round = 0; round < 4; round++) {
        await Promise.all(Array.from({ length: 40 }, () => play(client, 'unary', { metadata: scripted({ delayMs: 100 }) })));
      }
      const [entry] = registered.entries();
      expect(entry?.breaker.usualLatencyMs).toBeGreaterThan(80);
      await late();
      expect(countsOf(registered)).toMatchObject({ failure: 1, ignored: 1 });
      expect(registered.ignored()).toEqual({ shortBudget: 1 });
    }));
});

describe('cancelledAfter', () => {
  const rows: readonly { name: string; types: readonly CallType[]; plan: Plan; failure: 0 | 1 }[] = [
    { name: 'a cancel at that age', types: CALL_TYPES, plan: { metadata: scripted(HANG), cancel: 60 }, failure: 1 },
    { name: 'a cancel before', types: CALL_TYPES, plan: { metadata: scripted(HANG), cancel: 30 }, failure: 0 },
    {
      name: 'a cancel after the first message',
      types: ['download', 'chat'],
      plan: { metadata: scripted({ hang: true }), cancel: 90 },
      failure: 0,
    },
    { name: 'a cancel of what nobody read', types: ['download', 'chat'], plan: { reads: 0, cancel: 90 }, failure: 0 },
    { name: 'a cancel of what was not asked yet', types: ['upload'], plan: { keepOpen: true, cancel: 90 }, failure: 0 },
    { name: 'a cancel without a request', types: ['chat'], plan: { requests: [], keepOpen: true, cancel: 90 }, failure: 0 },
  ];
  const each = rows.flatMap((row) => row.types.map((type) => ({ ...row, type })));
  it.each(each)('$name: $failure ($type)', ({ type, plan, failure }) =>
    steadily(async () => {
      const { registered, client } = await connected({ cancelledAfter: '60ms' });
      const played = await play(client, type, plan);
      expect(codeOf(played)).toBe(Status.CANCELLED);
      expect(countsOf(registered)).toEqual({ success: 0, failure, ignored: 1 - failure });
      expect(registered.ignored()).toEqual(failure === 1 ? {} : { cancelled: 1 });
    }),
  );

  it('trips with the code of the cancels, and no fallback answers a caller who is gone', () =>
    steadily(async () => {
      const method = { service: SCRIPTED, method: 'Unary' };
      const attached = attach({
        name: [method],
        cancelledAfter: '40ms',
        trip: { consecutiveFailures: 2 },
        fallback: { on: ['failed'], sources: [{ message: { text: 'instead' } }] },
      });
      const client = attached.connect(server.target);
      await ready(client);
      for (let call = 0; call < 2; call++) {
        expect(codeOf(await play(client, 'unary', { metadata: scripted(HANG), cancel: 40 }))).toBe(Status.CANCELLED);
      }
      const breaker = attached.breaker(server.target, 'unary');
      expect(breaker.state).toBe('open');
      expect(breaker.verdict).toMatchObject({ reason: 'consecutiveFailures', evidence: { codes: { 1: 2 } } });
    }));
});

describe('a call that the policy’s function ignores', () => {
  it('has its own cause, and breakers that ignored nothing share one map', async () => {
    const { registered, client } = await connected({
      classify: ({ code }) => (code === Status.UNAVAILABLE ? 'ignored' : undefined),
    });
    const other = await connected({});
    await play(other.client, 'unary');
    await play(client, 'unary');
    expect(registered.entries()[0]?.ignored).toBe(other.registered.entries()[0]?.ignored);
    await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
    expect(registered.ignored()).toEqual({ classified: 1 });
    expect(other.registered.ignored()).toEqual({});
  });

  it('that never reached the channel of a closed client', async () => {
    const { registered, client } = await connected({});
    client.close();
    await play(client, 'unary');
    expect(registered.ignored()).toEqual({ notSent: 1 });
  });
});
