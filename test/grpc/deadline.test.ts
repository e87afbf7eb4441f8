import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach } from './helpers/attached.ts';
import { deadlineSetter, recorder, slowMessage } from './helpers/interceptors.ts';
import { codeOf, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { type Script, scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES } from './helpers/scripted-service.ts';

// The deadline of a method's policy: set where there is none, and never later than the caller's.

const HANG: Script = { answers: 0, hang: true };

describe.each(CALL_TYPES)('the deadline of a policy (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const ROWS: readonly { name: string; own: `${number}s` | undefined; callers: number | undefined; reaches: number }[] = [
    { name: 'none, and none of the caller', own: undefined, callers: undefined, reaches: Infinity },
    { name: 'none, and one of the caller', own: undefined, callers: 5_000, reaches: 5 },
    { name: 'set where the caller set none', own: '3s', callers: undefined, reaches: 3 },
    { name: 'set where the caller set Infinity', own: '3s', callers: Infinity, reaches: 3 },
    { name: 'not longer than the caller’s', own: '9s', callers: 5_000, reaches: 5 },
    { name: 'shorter than the caller’s', own: '3s', callers: 5_000, reaches: 3 },
  ];
  it.each(ROWS)('is $name', async ({ own, callers, reaches }) => {
    const attached = attach(own === undefined ? {} : { deadline: own });
    const client = attached.connect(server.target);
    const at = Date.now() + (callers ?? 0);
    // A Date where it can be one.
    for (const deadline of callers === undefined ? [undefined] : callers === Infinity ? [Infinity] : [at, new Date(at)]) {
      server.forget();
      await play(client, type, { options: deadline === undefined ? {} : { deadline } });
      const { deadlineLeftMs } = server.calls[0] ?? { deadlineLeftMs: -1 };
      if (reaches === Infinity) expect(deadlineLeftMs).toBe(Infinity);
      else {
        expect(deadlineLeftMs).toBeLessThanOrEqual(reaches * 1_000 + 5);
        expect(deadlineLeftMs).toBeGreaterThan(reaches * 1_000 - 1_000);
      }
    }
  });

  it('ends a call that hangs, which is a failure and trips', () =>
    steadily(async () => {
      const attached = attach({ deadline: '40ms', trip: { consecutiveFailures: 2 } });
      const client = attached.connect(server.target);
      for (const state of ['closed', 'open']) {
        const played = await play(client, type, { metadata: scripted(HANG) });
        expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
        expect(played.durationMs).toBeGreaterThanOrEqual(35);
        expect(attached.breaker(server.target, type).state).toBe(state);
      }
      expect(attached.events).toMatchObject([{ to: 'open', verdict: { reason: 'consecutiveFailures', failures: 2 } }]);
    }));

  it('of the caller that is missed is a failure and trips', () =>
    steadily(async () => {
      const attached = attach({ trip: { consecutiveFailures: 2 } });
      const client = attached.connect(server.target);
      for (const state of ['closed', 'open']) {
        const played = await play(client, type, { metadata: scripted(HANG), options: { deadline: Date.now() + 40 } });
        expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
        expect(attached.breaker(server.target, type).state).toBe(state);
      }
    }));

  it('that is past at the start ends the call as without a breaker, and does not make a trial fail', async () => {
    const attached = attach({ openFor: '1ms', trials: 1 });
    await attached.open(server.target, [type]);
    await new Promise((resolve) => setTimeout(resolve, 3));
    const client = attached.connect(server.target);
    const played = await play(client, type, { options: { deadline: Date.now() - 10 } });
    expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
      state: 'halfOpen',
      counts: { ignored: 1, failure: 0 },
    });
  });

  it('counts from the start of the call, also where an interceptor outside takes its time', async () => {
    const attached = attach({ deadline: '2s' });
    const client = attached.connect(server.target, {
      interceptors: [recorder([], 'slow', ['start', 'message']), deadlineSetter(900)],
    });
    server.forget();
    await play(client, type);
    expect(server.calls[0]?.deadlineLeftMs).toBeLessThan(905);
    expect(server.calls[0]?.deadlineLeftMs).toBeGreaterThan(100);
  });

  it('is kept while the key waits for the request', async () => {
    const attached = attach({ key: ['target', 'method', 'request.model_name'] });
    const client = attached.connect(server.target, { interceptors: [slowMessage(300)] });
    const isStream = type === 'upload' || type === 'chat';
    server.forget();
    const played = await play(client, type, {
      options: { deadline: Date.now() + 60 },
      ...(isStream ? { requests: [], keepOpen: true } : {}),
    });
    expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
    expect(played.durationMs).toBeLessThan(250);
    expect(server.calls).toEqual([]);
    expect(attached.breakers.list()).toEqual([]);
  });
});
