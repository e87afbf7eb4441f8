import { stat } from 'node:fs';
import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attached, attach, ready } from '../helpers/attached.ts';
import { codeOf, type Played, play } from '../helpers/play.ts';
import { steadily } from '../helpers/quiet.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { forkScriptedServer, type ScriptedServerProcess } from '../helpers/scripted-server-process.ts';
import type { CallType, ScriptedClient } from '../helpers/scripted-service.ts';

// Deadlines that fire late because this process was busy say nothing about the server, up to a point.

const DEADLINE_MS = 200;
const BLOCKED_MS = 300;
const CALLS = 20;

/** Keeps this process busy in an I/O callback, so that timers come before what the network has brought. */
function block(ms: number): Promise<void> {
  return new Promise((resolve) => {
    stat('.', () => {
      for (const until = performance.now() + ms; performance.now() < until; );
      resolve();
    });
  });
}

/** Twenty calls in flight while this process is blocked beyond their deadline. */
async function stall(client: ScriptedClient, type: CallType, script: Script, deadlineMs = DEADLINE_MS): Promise<Played[]> {
  const options = { deadline: Date.now() + deadlineMs };
  const calls = Array.from({ length: CALLS }, () => play(client, type, { metadata: scripted(script), options }));
  await block(deadlineMs + (BLOCKED_MS - DEADLINE_MS));
  return Promise.all(calls);
}

function countsOf(attached: Attached, target: string, type: CallType) {
  const { success, failure, ignored } = attached.breaker(target, type).snapshot().counts;
  return { success, failure, ignored };
}

describe('a process that blocks its event loop', () => {
  let server: ScriptedServerProcess;
  beforeAll(async () => {
    server = await forkScriptedServer();
  });
  afterAll(() => server.kill());

  it.each(['unary', 'download'] as const)('does not blame a server that answers in 20 ms (%s)', async (type) => {
    const attached = attach({ trip: { consecutiveFailures: 3 } });
    const client = attached.connect(server.target);
    await play(client, type);
    const calls = await stall(client, type, { delayMs: 20 });
    // Without a judgement of lateness, all of these would count as failures, and trip.
    expect(calls.filter((played) => codeOf(played) === Status.DEADLINE_EXCEEDED)).toHaveLength(CALLS);
    expect(countsOf(attached, server.target, type)).toEqual({ success: 1, failure: 0, ignored: CALLS });
    expect(attached.breaker(server.target, type).state).toBe('closed');
  });

  it('still sees that a server is dead: after 50 in a row they count', async () => {
    const attached = attach({ trip: { consecutiveFailures: 5 }, openFor: '1h', backoff: { max: '1h' } });
    const client = attached.connect(server.target);
    await ready(client);
    const hang: Script = { answers: 0, hang: true };
    for (const ignored of [20, 40]) {
      await stall(client, 'unary', hang, 100);
      expect(countsOf(attached, server.target, 'unary')).toEqual({ success: 0, failure: 0, ignored });
    }
    await stall(client, 'unary', hang, 100);
    expect(countsOf(attached, server.target, 'unary')).toEqual({ success: 0, failure: 10, ignored: 50 });
    expect(attached.breaker(server.target, 'unary').state).toBe('open');
  });

  it('begins to count anew at every answer', async () => {
    const attached = attach({ trip: { consecutiveFailures: 1 } });
    const client = attached.connect(server.target);
    for (let round = 0; round < 3; round++) {
      await play(client, 'unary');
      await stall(client, 'unary', { delayMs: 20 }, 100);
    }
    expect(countsOf(attached, server.target, 'unary')).toEqual({ success: 3, failure: 0, ignored: 3 * CALLS });
  });

  it('does not spare a server whose deadlines pass in time', () =>
    steadily(async () => {
      const attached = attach({ trip: { consecutiveFailures: 5 } });
      const client = attached.connect(server.target);
      await ready(client);
      const options = { deadline: Date.now() + 50 };
      const calls = Array.from({ length: 5 }, () =>
        play(client, 'unary', { metadata: scripted({ answers: 0, hang: true }), options }),
      );
      await Promise.all(calls);
      expect(countsOf(attached, server.target, 'unary')).toEqual({ success: 0, failure: 5, ignored: 0 });
      expect(attached.breaker(server.target, 'unary').state).toBe('open');
    }));

  it('lets a fallback answer for what it missed itself', async () => {
    const attached = attach({ fallback: { on: ['failed'], sources: [{ message: { text: 'instead' } }] } });
    const client = attached.connect(server.target);
    await ready(client);
    const calls = await stall(client, 'unary', { delayMs: 20 });
    expect(new Set(calls.map(codeOf))).toEqual(new Set([Status.OK]));
    expect(countsOf(attached, server.target, 'unary')).toEqual({ success: 0, failure: 0, ignored: CALLS });
  });
});
