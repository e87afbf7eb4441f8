import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fallbackOf, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { recorder } from '../helpers/interceptors.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Opening, only, openStream, STREAMS, WatchedClock } from './helpers/opened.ts';

// The first message of a stream has to come within `firstMessageWithin`: from the request on, while its consumer waits.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 1 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };
const LIMIT: MethodPolicyOptions = { stream: { firstMessageWithin: '60ms' } };
const HANG: Opening = { script: { answers: 0, hang: true } };
const LATE = 'no message of the stream came within 60 ms (stream.firstMessageWithin); the call was cancelled';

describe.each(STREAMS)('the first message of a stream (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  /** A stream that has reached the server. */
  async function begin(policy: MethodPolicyOptions, opening: Opening = HANG, options = {}) {
    const clock = new WatchedClock();
    const attached = attach({ ...POLICY, ...policy }, { clock });
    const client = attached.connect(server.target, options);
    const stream = openStream(client, type, opening);
    await vi.waitUntil(() => server.calls.length === 1);
    await clock.looked();
    const snapshot = () => attached.breaker(server.target, type).snapshot();
    return { attached, client, clock, stream, snapshot };
  }

  it('that does not come fails the call, cancels it at its server, and trips', async () => {
    const { clock, stream, snapshot } = await begin(LIMIT);
    await clock.pass(60);
    expect([stream.status, server.calls[0]?.cancelled]).toEqual([undefined, false]);
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
    expect(stream.error).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
    await vi.waitUntil(() => server.calls[0]?.cancelled === true);
    const { state, verdict, counts, inFlight } = snapshot();
    expect([state, verdict?.reason, inFlight]).toEqual(['open', 'consecutiveFailures', 0]);
    expect(counts).toMatchObject({ failure: 1, success: 0, ignored: 0 });
  });

  it('that comes in time is all that counts: later ones have no limit of their own', async () => {
    const { clock, stream, snapshot } = await begin(LIMIT, { script: { answers: 2, steps: true } });
    await clock.pass(59);
    server.calls[0]?.steps.go();
    await stream.received(1);
    await clock.pass(10_000);
    server.calls[0]?.steps.go(2);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect([stream.texts, snapshot().counts.failure]).toEqual([['answer 0', 'answer 1'], 0]);
  });

  it('is owed by a server that has sent its headers, too', async () => {
    const { clock, stream } = await begin(LIMIT, { script: { headers: { a: 'b' }, answers: 0, hang: true } });
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('is waited for from the first read on', async () => {
    const { clock, stream, snapshot } = await begin(LIMIT, { ...HANG, paused: true });
    await clock.pass(10_000);
    expect(stream.status).toBeUndefined();
    stream.resume();
    await clock.looked();
    await clock.pass(60);
    expect([stream.status, snapshot().counts.failure]).toEqual([undefined, 0]);
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED });
  });

  it('is waited for where an interceptor outside starts the call later than it reads', async () => {
    const outside = recorder([], 'outside', ['start']);
    const { clock, stream } = await begin(LIMIT, HANG, { interceptors: [outside] });
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('is waited for where the request decides on the breaker', async () => {
    const key = ['target', 'method', 'request.model_name'] as const;
    const opening: Opening = { ...HANG, requests: [{ model_name: 'm' }] };
    const { clock, stream } = await begin({ ...LIMIT, key: [...key] }, opening);
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('is the fallback’s where it does not come: all of its messages, and OK', async () => {
    const { clock, stream, snapshot } = await begin({
      ...LIMIT,
      ...only(type),
      fallback: { on: ['failed'], sources: [{ messages: [{ text: 'short' }, { text: 'answer' }] }] },
    });
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect(stream.texts).toEqual(['short', 'answer']);
    const [first] = stream.messages;
    expect(fallbackOf(first)).toMatchObject({ source: 'messages', reason: 'failed' });
    await vi.waitUntil(() => server.calls[0]?.cancelled === true);
    expect(snapshot()).toMatchObject({ state: 'open', counts: { failure: 1, success: 0 } });
  });

  it('a caller that cancels ends the waiting, as an ordinary cancel', async () => {
    const { clock, stream, snapshot } = await begin(LIMIT);
    await clock.pass(59);
    stream.cancel();
    expect(await stream.ended).toMatchObject({ code: Status.CANCELLED });
    clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(snapshot()).toMatchObject({ state: 'closed', inFlight: 0, counts: { failure: 0, ignored: 1 } });
  });

  it('observing, nothing is cancelled', async () => {
    const { clock, stream } = await begin({ ...LIMIT, mode: 'observe' }, { script: { answers: 1, steps: true } });
    await clock.pass(200);
    server.calls[0]?.steps.go(2);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect(stream.texts).toEqual(['answer 0']);
  });

  it('an exception of who hears the status is theirs', async () => {
    const { clock, stream, attached } = await begin(LIMIT);
    const thrown = new Promise((resolve) => {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const other of others) process.on('uncaughtException', other);
        resolve(error);
      });
    });
    const mistake = new Error('a mistake in a handler');
    stream.call.on('status', () => {
      throw mistake;
    });
    await clock.pass(61);
    expect(await thrown).toBe(mistake);
    expect(attached.warnings).toEqual([]);
  });
});

describe('on a bidi stream', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  async function begin(opening: Opening) {
    const clock = new WatchedClock();
    const attached = attach({ ...POLICY, ...LIMIT }, { clock });
    const stream = openStream(attached.connect(server.target), 'chat', { keepOpen: true, ...opening });
    await vi.waitUntil(() => server.calls.length === 1);
    await clock.looked();
    return { clock, stream };
  }

  it('nothing is owed before the first request', async () => {
    const { clock, stream } = await begin({ requests: [], script: { early: true, answers: 0, hang: true } });
    await clock.pass(10_000);
    expect(stream.status).toBeUndefined();
    stream.send();
    await vi.waitUntil(() => server.calls[0]?.received.length === 1);
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('one who goes on sending waits no longer for it', async () => {
    const { clock, stream } = await begin({ script: { early: true, answers: 0, hang: true } });
    for (let request = 0; request < 3; request++) {
      await clock.pass(20);
      stream.send();
      await vi.waitUntil(() => server.calls[0]?.received.length === request + 2);
    }
    expect(stream.status).toBeUndefined();
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('one who sends nothing and ends waits for it from then on', async () => {
    const { clock, stream } = await begin({ requests: [], script: { answers: 0, hang: true } });
    await clock.pass(10_000);
    stream.end();
    await vi.waitUntil(() => server.calls[0]?.halfClosed === true);
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });
});
