import { connectivityState, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRejection } from '../../../src/index.ts';
import { attach, connect } from '../helpers/attached.ts';
import { channelzOf } from '../helpers/channelz.ts';
import { slowMessage } from '../helpers/interceptors.ts';
import { codeOf, play } from '../helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES } from '../helpers/scripted-service.ts';

// Traps of grpc-js in what a rejected call must not touch: the channel below.

const OPEN = { openFor: '1h' as const, backoff: { max: '1h' as const } };

function armedTimers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

describe('a rejected call', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it('does not count on the channel', async () => {
    const attached = attach(OPEN);
    await attached.open(server.target);
    const client = attached.connect(server.target);
    server.forget();
    for (const type of CALL_TYPES) {
      for (let call = 0; call < 25; call++) expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
    }
    expect(channelzOf(client).callsStarted).toBe(0);
    expect(server.calls).toEqual([]);
    attached.breaker(server.target, 'unary').reset();
    await play(client, 'unary');
    expect(channelzOf(client).callsStarted).toBe(1);
  });

  it('does not wake an idle channel', async () => {
    const attached = attach(OPEN);
    await attached.open(server.target);
    const client = attached.connect(server.target);
    const before = server.connections;
    for (const type of CALL_TYPES) await play(client, type);
    expect(client.getChannel().getConnectivityState(false)).toBe(connectivityState.IDLE);
    expect(server.connections).toBe(before);
  });

  it('lets a channel go idle while calls are rejected all the time', async () => {
    const attached = attach(OPEN);
    const client = attached.connect(server.target, { 'grpc.client_idle_timeout_ms': 1_000 });
    await play(client, 'unary');
    attached.breaker(server.target, 'unary').trip('by the test');
    expect(client.getChannel().getConnectivityState(false)).toBe(connectivityState.READY);
    const rejecting = setInterval(() => void play(client, 'unary'), 20);
    await vi.waitFor(() => expect(client.getChannel().getConnectivityState(false)).toBe(connectivityState.IDLE), {
      timeout: 4_000,
      interval: 50,
    });
    clearInterval(rejecting);
    expect(attached.breaker(server.target, 'unary').snapshot().counts.rejected.open).toBeGreaterThan(20);
  });

  it.each(CALL_TYPES)('arms no deadline timer (%s)', async (type) => {
    const attached = attach({ ...OPEN, deadline: '1h' });
    await attached.open(server.target, [type]);
    const client = attached.connect(server.target);
    const before = armedTimers();
    const options = { deadline: Date.now() + 600_000 };
    const calls = Array.from({ length: 20 }, () => play(client, type, { options }));
    // `play` has one timer for each call itself; a deadline would be another. (Timers of earlier tests may end meanwhile.)
    expect(armedTimers() - before).toBeLessThanOrEqual(20);
    await Promise.all(calls);
    expect(armedTimers()).toBeLessThanOrEqual(before);
  });
});

describe('a call that waits for the request that its key needs', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it('leaves no timer behind, whether the request comes or a cancel', async () => {
    const attached = attach({ key: ['target', 'method', 'request.model_name'] });
    const client = attached.connect(server.target, { interceptors: [slowMessage(2)] });
    await play(client, 'chat');
    const before = armedTimers();
    for (let call = 0; call < 5; call++) {
      const options = { deadline: Date.now() + 600_000 };
      await play(client, 'chat', { options });
      await play(client, 'chat', { options, requests: [], keepOpen: true, cancel: 3 });
    }
    expect(armedTimers()).toBeLessThanOrEqual(before);
  });
});

describe('after client.close()', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it.each(CALL_TYPES)('a call ends with an error instead of throwing, and says nothing about the server (%s)', async (type) => {
    const client = connect(server.target);
    client.close();
    expect((await play(client, type)).sights[0]?.[0]).toBe('thrown');

    const attached = attach();
    const protectedClient = attached.connect(server.target);
    protectedClient.close();
    const played = await play(protectedClient, type);
    expect(codeOf(played)).toBe(Status.UNAVAILABLE);
    expect(played.error?.details).toBe('Channel has been shut down');
    expect(isRejection(played.error)).toBe(false);
    const { counts, inFlight, state } = attached.breaker(server.target, type).snapshot();
    expect({ ...counts, inFlight, state }).toMatchObject({ success: 0, failure: 0, ignored: 1, inFlight: 0, state: 'closed' });
  });

  it('a trial on a closed client gives its permit back', async () => {
    const attached = attach({ trip: { consecutiveFailures: 5 }, openFor: '1ms', trials: 1 });
    await attached.open(server.target, ['unary']);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const client = attached.connect(server.target);
    client.close();
    await play(client, 'unary');
    expect(attached.breaker(server.target, 'unary').state).toBe('halfOpen');
    await play(attached.connect(server.target), 'unary');
    expect(attached.breaker(server.target, 'unary').state).toBe('closed');
  });
});
