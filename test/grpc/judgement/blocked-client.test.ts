import { stat } from 'node:fs';
import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { ready } from '../helpers/attached.ts';
import { codeOf, type Played, play } from '../helpers/play.ts';
import { type Registered, register } from '../helpers/registered.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { forkScriptedServer, type ScriptedServerProcess } from '../helpers/scripted-server-process.ts';
import type { CallType, ScriptedClient } from '../helpers/scripted-service.ts';
import { warmUp } from '../helpers/traffic.ts';

// A process that blocks its own event loop, with calls in flight to a server in another process.

const BLOCKED_MS = 300;
const CALLS = 20;
const HEALTHY: Script = { delayMs: 20 };
const LONG = { openFor: '1h', backoff: { max: '1h' } } as const;

/** Ways into each phase of the event loop. */
const PHASES: Readonly<Record<string, (then: () => void) => void>> = {
  'an I/O callback': (then) => stat('.', then),
  'a timer': (then) => setTimeout(then, 5),
  'an immediate': (then) => setImmediate(then),
};

/** Keeps this process busy. */
function block(phase: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    PHASES[phase]?.(() => {
      for (const until = performance.now() + ms; performance.now() < until; );
      resolve();
    });
  });
}

/** Conditions that a single slow or failed call would show in. */
const slowCallRate = { slowerThan: '100ms', threshold: '100%', window: { calls: 1_000 }, minCalls: 1_000 } as const;
const latencySlo = { percentile: 0.99, limit: '100ms' } as const;

let server: ScriptedServerProcess;
beforeAll(async () => {
  server = await forkScriptedServer();
});
afterAll(() => server.kill());

/** With so many good calls made, each as quick as the healthy server is. */
async function connected(policy: MethodPolicyOptions, type: CallType, calls: number) {
  const registered = register({ ...LONG, ...policy });
  const client = registered.connect(server.target);
  await ready(client);
  await warmUp(client, type, calls, { metadata: scripted(HEALTHY) }, 20);
  return { registered, client };
}

function standing(registered: Registered) {
  const [entry] = registered.entries();
  const snapshot = entry?.breaker.snapshot();
  return { state: snapshot?.state, failure: snapshot?.counts.failure, ignored: snapshot?.counts.ignored, snapshot };
}

async function stall(
  client: ScriptedClient,
  type: CallType,
  phase: string,
  script: Script,
  deadlineMs: number,
): Promise<Played[]> {
  const options = { deadline: Date.now() + deadlineMs };
  const calls = Array.from({ length: CALLS }, () => play(client, type, { metadata: scripted(script), options }));
  await block(phase, BLOCKED_MS);
  return Promise.all(calls);
}

describe.each(Object.keys(PHASES))('blocked for 300 ms in %s', (phase) => {
  it.each(['unary', 'upload', 'download', 'chat'] as const)(
    'it blames a healthy server for nothing, whenever the deadlines are (%s)',
    async (type) => {
      const trip = { adaptive: { warmUp: 200 }, slowCallRate, latencySlo };
      const { registered, client } = await connected({ trip }, type, 600);
      const deadlines = [100, 250, 290, 305, 320, 10_000];
      let missed = 0;
      for (const deadlineMs of deadlines) {
        const calls = await stall(client, type, phase, HEALTHY, deadlineMs);
        missed += calls.filter((played) => codeOf(played) === Status.DEADLINE_EXCEEDED).length;
        await play(client, type); // 50 in a row without an answer would count.
      }
      const { snapshot, ...rest } = standing(registered);
      // After a timer Node reads what the network brought before it looks for the next timer: all were answered.
      if (phase !== 'a timer') expect(missed).toBeGreaterThanOrEqual(2 * CALLS);
      expect(rest).toEqual({ state: 'closed', failure: 0, ignored: missed });
      expect(registered.ignored()).toEqual(missed === 0 ? {} : { clientStall: missed });
      // None was slow: the percentile of latencySlo is what the server took.
      const values = Object.fromEntries((snapshot?.conditions ?? []).map(({ condition, value }) => [condition, value]));
      expect(values).toEqual({ slowCallRate: 0, latencySlo: expect.any(Number), adaptive: 0 });
      expect(values['latencySlo']).toBeLessThan(100);
    },
    30_000,
  );

  it('it counts none of the calls in flight as slow', async () => {
    const { registered, client } = await connected({ trip: { adaptive: { warmUp: 200 } } }, 'unary', 600);
    await stall(client, 'unary', phase, HEALTHY, 10_000);
    const { snapshot, ...rest } = standing(registered);
    expect(rest).toEqual({ state: 'closed', failure: 0, ignored: 0 });
    expect(snapshot?.conditions).toMatchObject([{ condition: 'adaptive', value: 0 }]);
  });

  it('it reads an answer that is here before it finds the call late', async () => {
    const sharp = { ...slowCallRate, slowerThan: '5ms' } as const;
    const { registered, client } = await connected({ trip: { slowCallRate: sharp } }, 'unary', 0);
    for (let round = 0; round < 5; round++) {
      const call = play(client, 'unary');
      await new Promise((resolve) => setImmediate(resolve)); // It is on its way.
      await block(phase, 150);
      expect(codeOf(await call)).toBe(Status.OK);
    }
    expect(standing(registered).snapshot?.conditions).toMatchObject([{ condition: 'slowCallRate', value: 0 }]);
  });

  it('it sees that a server is dead all the same', async () => {
    const { registered, client } = await connected({ trip: { adaptive: { warmUp: 200 } } }, 'unary', 600);
    const hang: Script = { answers: 0, hang: true };
    for (let round = 0; round < 6 && standing(registered).state === 'closed'; round++) {
      await stall(client, 'unary', phase, hang, 100);
      await Promise.all(Array.from({ length: CALLS }, () => play(client, 'unary', { metadata: scripted(hang), cancel: 60 })));
    }
    expect(standing(registered).state).toBe('open');
  });

  it('it sees that a server is dead even if it does nothing but block: after 50 deadlines', async () => {
    const { registered, client } = await connected({ trip: { consecutiveFailures: 10 } }, 'unary', 1);
    const hang: Script = { answers: 0, hang: true };
    for (let round = 0; round < 3; round++) await stall(client, 'unary', phase, hang, 100);
    expect(standing(registered)).toMatchObject({ state: 'open', failure: 10, ignored: 50 });
    expect(registered.ignored()).toEqual({ clientStall: 50 });
  });
});
