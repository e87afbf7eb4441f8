import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import type { Script } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { openStream, STREAMS, WatchedClock } from './helpers/opened.ts';

// When a stream that is a half-open trial has succeeded: at its first message, or when it ends well.

const POLICY: MethodPolicyOptions = {
  trip: { consecutiveFailures: 1 },
  openFor: '5s',
  backoff: { max: '1m' },
  rampUp: 0,
  trials: 1,
  lease: '10s',
};

describe.each(STREAMS)('a stream that is a trial (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  /** A breaker that is due for trials, and its first one under way. */
  async function trial(policy: MethodPolicyOptions, script: Script = { answers: 2, steps: true }) {
    const clock = new WatchedClock();
    const attached = attach({ ...POLICY, ...policy }, { clock });
    await attached.open(server.target, [type]);
    clock.advance(5_000);
    server.forget();
    const client = attached.connect(server.target);
    const open = () => openStream(client, type, { script });
    const stream = open();
    await vi.waitUntil(() => server.calls.length === 1);
    const breaker = attached.breaker(server.target, type);
    expect(breaker.state).toBe('halfOpen');
    const found = () => [breaker.state, breaker.verdict?.reason];
    return { clock, breaker, client, open, stream, found, go: (count = 1) => server.calls[0]?.steps.go(count) };
  }

  it('by default closes at the end of its lease at the latest, though it stays open, once its first message is there', async () => {
    for (const policy of [{}, { stream: { success: 'firstMessage' } }] as const) {
      const { clock, stream, found, breaker, go } = await trial(policy);
      go();
      await stream.received(1);
      clock.advance(9_999);
      breaker.snapshot(); // Looks at the time.
      expect(breaker.state).toBe('halfOpen');
      clock.advance(1);
      breaker.snapshot();
      expect([found(), stream.status]).toEqual([['closed', 'trialsSucceeded'], undefined]);
      go(2);
      expect((await stream.ended).code).toBe(Status.OK);
      expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0 });
    }
  });

  it('judged by evidence, closes with first messages: all streams stay open', async () => {
    const { breaker, open, stream, found } = await trial({ trip: { adaptive: {} } });
    const streams = [stream];
    for (; breaker.state === 'halfOpen' && streams.length < 50; streams.push(open())) {
      await vi.waitUntil(() => server.calls.length === streams.length);
      server.calls.at(-1)?.steps.go();
      await streams.at(-1)?.received(1);
    }
    expect(found()).toEqual(['closed', 'trialsSucceeded']);
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => undefined));
    await vi.waitUntil(() => server.calls.length === streams.length);
    for (const { steps } of server.calls) steps.go(3);
    for (const { ended } of streams) expect((await ended).code).toBe(Status.OK);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0 });
  });

  it('with status, closes when it ends well', async () => {
    const { stream, found, breaker, go } = await trial({ stream: { success: 'status' } });
    go(2);
    await stream.received(2);
    expect(breaker.state).toBe('halfOpen');
    go();
    await stream.ended;
    expect(found()).toEqual(['closed', 'trialsSucceeded']);
  });

  it('with status, opens when it breaks off, and when it stays open for longer than its lease', async () => {
    const script: Script = { answers: 1, steps: true, code: Status.UNAVAILABLE };
    const broken = await trial({ stream: { success: 'status' } }, script);
    broken.go(2);
    await broken.stream.ended;
    expect(broken.found()).toEqual(['open', 'trialFailed']);

    const watching = await trial({ stream: { success: 'status' } });
    watching.go();
    await watching.stream.received(1);
    watching.clock.advance(10_000);
    watching.breaker.snapshot(); // Looks at the time.
    expect(watching.found()).toEqual(['open', 'trialExpired']);
    watching.stream.cancel();
    await watching.stream.ended;
  });

  it('with firstMessage, opens when it breaks off before the other trials are done', async () => {
    const script: Script = { answers: 1, steps: true, code: Status.UNAVAILABLE };
    const { stream, breaker, found, go } = await trial({ trials: 2 }, script);
    go();
    await stream.received(1);
    expect(breaker.state).toBe('halfOpen');
    go();
    await stream.ended;
    expect(found()).toEqual(['open', 'trialFailed']);
  });

  it('opens when its first message does not come in time', async () => {
    const { clock, stream, found } = await trial({ stream: { firstMessageWithin: '60ms' } });
    await clock.pass(61);
    expect((await stream.ended).code).toBe(Status.DEADLINE_EXCEEDED);
    expect(found()).toEqual(['open', 'trialFailed']);
  });

  it('with status, opens when a gap is too long', async () => {
    const { clock, stream, found, go } = await trial({ stream: { messageGap: '60ms', success: 'status' } });
    go();
    await stream.received(1);
    await clock.pass(61);
    expect((await stream.ended).code).toBe(Status.DEADLINE_EXCEEDED);
    expect(found()).toEqual(['open', 'trialFailed']);
  });

  it.each([
    ['firstMessage', 0],
    ['status', 1],
  ] as const)('with %s, opens when message %i reports a failure', async (success, at) => {
    const script: Script = { answers: 3, steps: true, note: { at, text: 'the model failed' } };
    const { stream, found, go } = await trial({ stream: { success }, failureWhen: 'response.note' }, script);
    go(at + 1);
    await stream.received(at + 1);
    expect(found()).toEqual(['open', 'trialFailed']);
    go(3);
    expect((await stream.ended).code).toBe(Status.OK);
  });

  it('without a message closes with its status', async () => {
    const { stream, found, go } = await trial({}, { answers: 0, steps: true });
    go();
    expect((await stream.ended).code).toBe(Status.OK);
    expect(found()).toEqual(['closed', 'trialsSucceeded']);
  });

  it('that its caller cancels before the first message gives its place back', async () => {
    const { stream, breaker, open, found } = await trial({});
    stream.cancel();
    await stream.ended;
    expect(breaker.state).toBe('halfOpen');
    const second = open();
    await vi.waitUntil(() => server.calls.length === 2);
    server.calls[1]?.steps.go(3);
    await second.ended;
    expect(found()).toEqual(['closed', 'trialsSucceeded']);
  });
});

describe.each(STREAMS)('a stream that is no trial (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it.each(['firstMessage', 'status'] as const)('counts once, when it ends (%s)', async (success) => {
    const attached = attach({ ...POLICY, stream: { success } });
    const client = attached.connect(server.target);
    const before = server.calls.length;
    const stream = openStream(client, type, { script: { answers: 2, steps: true } });
    await vi.waitUntil(() => server.calls.length > before);
    server.calls[before]?.steps.go(2);
    await stream.received(2);
    const counts = () => attached.breaker(server.target, type).snapshot().counts;
    expect(counts()).toMatchObject({ success: 0, failure: 0 });
    server.calls[before]?.steps.go();
    await stream.ended;
    expect(counts()).toMatchObject({ success: 1, failure: 0 });
  });
});
