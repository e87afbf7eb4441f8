import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Opened, type Opening, openStream, STREAMS, WatchedClock } from './helpers/opened.ts';

// Each further message of a stream has to come within `messageGap`: while its consumer waits, and its server owes one.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 1 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };
const LIMIT: MethodPolicyOptions = { stream: { messageGap: '60ms' } };
const LATE = 'no further message of the stream came within 60 ms (stream.messageGap); the call was cancelled';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => server.forget());

/** A stream that has reached the server. */
async function begin(type: (typeof STREAMS)[number], opening: Opening, policy: MethodPolicyOptions = LIMIT) {
  const clock = new WatchedClock();
  const attached = attach({ ...POLICY, ...policy }, { clock });
  const stream = openStream(attached.connect(server.target), type, opening);
  await vi.waitUntil(() => server.calls.length === 1);
  await clock.looked();
  const go = (count = 1) => server.calls[0]?.steps.go(count);
  return { clock, stream, go, snapshot: () => attached.breaker(server.target, type).snapshot() };
}

/** Waits until grpc-js has read as many messages ahead as it does: nobody asks for another one then. */
async function ahead({ call }: Opened): Promise<void> {
  await vi.waitUntil(() => call.readableLength === call.readableHighWaterMark, { interval: 2 });
}

describe.each(STREAMS)('the gap between two messages (%s)', (type) => {
  it('fails the call when it is too long, cancels it at its server, and trips; what came is delivered', async () => {
    const { clock, stream, go, snapshot } = await begin(type, { script: { answers: 3, steps: true } });
    go(2);
    await stream.received(2);
    await clock.pass(60);
    expect([stream.status, server.calls[0]?.cancelled]).toEqual([undefined, false]);
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
    expect([stream.error?.details, stream.texts]).toEqual([LATE, ['answer 0', 'answer 1']]);
    await vi.waitUntil(() => server.calls[0]?.cancelled === true);
    const { state, verdict, counts, inFlight } = snapshot();
    expect([state, verdict?.reason, inFlight]).toEqual(['open', 'consecutiveFailures', 0]);
    expect(counts).toMatchObject({ failure: 1, success: 0, ignored: 0 });
  });

  it('begins anew with each message, however long the whole takes', async () => {
    const { clock, stream, go, snapshot } = await begin(type, { script: { answers: 5, steps: true } });
    for (let message = 1; message <= 5; message++) {
      await clock.pass(message === 1 ? 10_000 : 60); // The first message has no limit here.
      go();
      await stream.received(message);
    }
    await clock.pass(60);
    go();
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect(snapshot().counts).toMatchObject({ failure: 0, success: 1 });
  });

  it('is that before the status, too', async () => {
    const { clock, stream, go } = await begin(type, { script: { answers: 1, steps: true } });
    go();
    await stream.received(1);
    await clock.pass(61);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('is nobody’s fault while the consumer reads nothing', async () => {
    const { clock, stream, snapshot } = await begin(type, { script: { answers: 40, hang: true }, paused: true });
    stream.call.once('data', () => stream.pause());
    await ahead(stream);
    await clock.pass(10_000);
    expect([stream.status, snapshot().counts.failure]).toEqual([undefined, 0]);
    stream.resume();
    await stream.received(39);
    await clock.pass(60);
    expect(stream.status).toBeUndefined();
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('is nobody’s fault while the consumer takes its time over each message', async () => {
    const { clock, stream, snapshot } = await begin(type, { script: { answers: 40 }, paused: true });
    let read = 0;
    for await (const _ of stream.call) {
      read++;
      // The last ones have been read ahead.
      if (read > 20) continue;
      await ahead(stream);
      await clock.pass(1_000);
    }
    expect([read, (await stream.ended).code, snapshot().counts.failure]).toEqual([40, Status.OK, 0]);
  });

  it('observing, nothing is cancelled', async () => {
    const { clock, stream, go } = await begin(type, { script: { answers: 2, steps: true } }, { ...LIMIT, mode: 'observe' });
    go();
    await stream.received(1);
    clock.advance(200);
    await new Promise((resolve) => setTimeout(resolve, 30));
    go(2);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
  });

  it('does not count the time in which this process is blocked', async () => {
    // Real time here: both clocks must say so.
    const attached = attach({ ...POLICY, stream: { messageGap: '200ms' } });
    const stream = openStream(attached.connect(server.target), type, { script: { answers: 2, steps: true } });
    await vi.waitUntil(() => server.calls.length === 1);
    server.calls[0]?.steps.go();
    await stream.received(1);
    for (const until = performance.now() + 300; performance.now() < until; );
    await new Promise((resolve) => setTimeout(resolve, 60)); // Ticks, with 360 ms since the message.
    expect(stream.status).toBeUndefined();
    server.calls[0]?.steps.go(2);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect(attached.breaker(server.target, type).snapshot().counts.failure).toBe(0);
  });
});

describe('the gap on a bidi stream', () => {
  const ECHO: Opening = { script: { echo: true }, keepOpen: true };

  it('has no limit while all requests are answered', async () => {
    const { clock, stream } = await begin('chat', { ...ECHO, requests: [{ model_name: 'a' }] });
    await stream.received(1);
    await clock.pass(10_000);
    stream.send({ model_name: 'b' });
    await stream.received(2);
    await clock.pass(10_000);
    stream.end();
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect(stream.texts).toEqual(['a', 'b']);
  });

  it('counts from the request that is not answered', async () => {
    const { clock, stream } = await begin('chat', { script: { early: true, answers: 1, hang: true }, keepOpen: true });
    await stream.received(1);
    await clock.pass(10_000);
    stream.send();
    await vi.waitUntil(() => server.calls[0]?.received.length === 2);
    await clock.pass(40);
    stream.send();
    await vi.waitUntil(() => server.calls[0]?.received.length === 3);
    await clock.pass(20);
    expect(stream.status).toBeUndefined();
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('goes on where one of several requests is answered', async () => {
    const opening: Opening = { script: { early: true, answers: 2, steps: true }, requests: [{}, {}, {}], keepOpen: true };
    const { clock, stream, go } = await begin('chat', opening);
    go();
    await stream.received(1);
    await clock.pass(50);
    go();
    await stream.received(2);
    await clock.pass(60);
    expect(stream.status).toBeUndefined();
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });

  it('counts from the end of the requests, where all are answered', async () => {
    const { clock, stream } = await begin('chat', { script: { early: true, answers: 1, hang: true }, keepOpen: true });
    await stream.received(1);
    await clock.pass(10_000);
    stream.end();
    await vi.waitUntil(() => server.calls[0]?.halfClosed === true);
    await clock.pass(60);
    expect(stream.status).toBeUndefined();
    await clock.pass(1);
    expect(await stream.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED, details: LATE });
  });
});
