import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FallbackFunction, type FallbackSourceOptions, fallbackOf, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { turns } from '../helpers/quiet.ts';
import { type Script } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Opening, only, openStream, STREAMS, WatchedClock } from './helpers/opened.ts';

// Streams that break off after their first message.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 3 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };
const BROKEN: Script = { answers: 2, code: Status.UNAVAILABLE, details: 'lost' };
const CAME = ['answer 0', 'answer 1'];

describe.each(STREAMS)('a stream that breaks off (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  /** A client whose broken streams this source goes on with. */
  function appending(source: FallbackSourceOptions, { clock, ...policy }: MethodPolicyOptions & { clock?: WatchedClock } = {}) {
    const fallback = { on: ['rejected', 'failed'] as const, sources: [source] };
    const stream = { midStream: 'append', ...policy.stream } as const;
    const options = clock === undefined ? {} : { clock };
    const attached = attach(
      { ...POLICY, ...only(type), fallback: { ...fallback, on: [...fallback.on] }, ...policy, stream },
      options,
    );
    const client = attached.connect(server.target);
    const open = (opening: Opening = { script: BROKEN }) => openStream(client, type, opening);
    return { attached, open, counts: () => attached.breaker(server.target, type).snapshot().counts };
  }

  it('counts: streams that each fail in the middle trip, though messages came', async () => {
    const attached = attach(POLICY);
    const client = attached.connect(server.target);
    for (let call = 0; call < 3; call++) {
      expect(attached.breakers.list()[0]?.state ?? 'closed').toBe('closed');
      expect((await openStream(client, type, { script: BROKEN }).ended).code).toBe(Status.UNAVAILABLE);
    }
    const { state, verdict, counts } = attached.breaker(server.target, type).snapshot();
    expect([state, verdict?.reason]).toEqual(['open', 'consecutiveFailures']);
    expect(counts).toMatchObject({ failure: 3, success: 0 });
  });

  it('is an error by default, with a fallback too', async () => {
    const { open, counts } = appending({ messages: [{ text: 'never' }] }, { stream: { midStream: 'error' } });
    const stream = open();
    expect([(await stream.ended).code, stream.error?.details, stream.texts]).toEqual([Status.UNAVAILABLE, 'lost', CAME]);
    expect(counts()).toMatchObject({ failure: 1, success: 0 });
  });

  const list = () => [{ text: 'x' }, { text: 'y' }];
  async function* generator() {
    yield* list();
  }
  const SOURCES: readonly (readonly [as: string, source: FallbackSourceOptions])[] = [
    ['messages', { messages: list() }],
    ['a list', { function: list }],
    ['the promise of a list', { function: () => turns(20).then(list) }],
    ['a generator', { function: generator }],
  ];
  it.each(SOURCES)('append: %s follow what came, marked, and the status is OK', async (_as, source) => {
    const { open, counts } = appending(source);
    const stream = open();
    let metadata = 0;
    stream.call.on('metadata', () => metadata++);
    expect(await stream.ended).toMatchObject({ code: Status.OK });
    expect([stream.texts, stream.error, metadata]).toEqual([[...CAME, 'x', 'y'], undefined, 1]);
    expect(stream.messages.map((message) => fallbackOf(message)?.reason)).toEqual([undefined, undefined, 'failed', 'failed']);
    expect(counts()).toMatchObject({ failure: 1, success: 0 });
  });

  it.each([
    ['a connection that is lost', { answers: 2, gapMs: 20, statusDelayMs: 20, drop: true }],
    ['the deadline', { answers: 2, hang: true }],
  ] as [string, Script][])('append: so they do after %s', async (what, script) => {
    const { open, counts } = appending({ messages: list() });
    const options = what === 'the deadline' ? { deadline: Date.now() + 150 } : {};
    const stream = open({ script, options });
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, [...CAME, 'x', 'y']]);
    expect(counts()).toMatchObject({ failure: 1, success: 0 });
  });

  it('append: so they do after a gap that is too long, and the server hears of the cancel', async () => {
    const clock = new WatchedClock();
    const { open, counts } = appending({ messages: list() }, { clock, stream: { messageGap: '60ms' } });
    const stream = open({ script: { answers: 2, hang: true } });
    await stream.received(2);
    await clock.pass(61);
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, [...CAME, 'x', 'y']]);
    expect(counts()).toMatchObject({ failure: 1, success: 0 });
    await vi.waitUntil(() => server.calls[0]?.cancelled === true);
  });

  it('append: each message is taken when it is read', async () => {
    let taken = 0;
    const { open } = appending({
      function: async function* () {
        for (; taken < 100; ) yield { text: `token ${taken++}` };
      },
    });
    const stream = open({ script: BROKEN, paused: true });
    stream.call.once('data', () => stream.pause());
    await vi.waitUntil(() => stream.call.readableLength === stream.call.readableHighWaterMark);
    await turns(20);
    expect(taken).toBeLessThan(stream.call.readableHighWaterMark);
    stream.resume();
    expect((await stream.ended).code).toBe(Status.OK);
    expect(stream.texts).toEqual(['answer 1', ...Array.from({ length: 100 }, (_, token) => `token ${token}`)]);
  });

  it('append: a source without an answer leaves the status as it was', async () => {
    const stream = appending({ function: () => undefined }).open();
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.UNAVAILABLE, CAME]);
  });

  it('append: an error that is the answer follows what came', async () => {
    const stream = appending({ error: { code: 'ABORTED', message: 'hold' } }).open();
    expect([await stream.ended, stream.texts]).toMatchObject([{ code: Status.ABORTED, details: 'hold' }, CAME]);
  });

  it('append: statuses that are no failure are left alone, and so are messages that nobody can read', async () => {
    const { open, counts } = appending({ messages: list() });
    const refused = open({ script: { answers: 2, code: Status.NOT_FOUND } });
    expect([(await refused.ended).code, refused.texts]).toEqual([Status.NOT_FOUND, CAME]);
    const garbage = open({ script: { answers: 3, garbageAt: 2 } });
    expect([(await garbage.ended).code, garbage.texts]).toEqual([Status.INTERNAL, CAME]);
    expect(counts()).toMatchObject({ failure: 0, success: 1, ignored: 1 });
  });

  it('append: a caller that cancelled gets nothing more', async () => {
    const asked = vi.fn<FallbackFunction>(list);
    const stream = appending({ function: asked }).open({ script: { answers: 2, hang: true } });
    await stream.received(2);
    stream.cancel();
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.CANCELLED, CAME]);
    expect(asked).not.toHaveBeenCalled();
  });

  it('append: a caller that cancels while the answer is made gets nothing more', async () => {
    const { promise, resolve } = Promise.withResolvers<AbortSignal>();
    const stream = appending({
      function: async (_request, { signal }) => {
        resolve(signal);
        await new Promise((aborted) => signal.addEventListener('abort', aborted));
        return list();
      },
    }).open();
    const signal = await promise;
    stream.cancel();
    expect([(await stream.ended).code, stream.texts, signal.aborted]).toEqual([Status.CANCELLED, CAME, true]);
    await turns(20);
    expect(stream.texts).toEqual(CAME);
  });
});

it('append: a caller that goes on sending on a bidi stream is not held up', async () => {
  const server = await startScriptedServer();
  onTestFinished(() => server.stop());
  const { promise: allSent, resolve } = Promise.withResolvers<void>();
  async function* answer() {
    yield { text: 'x' };
    await allSent;
  }
  const fallback = { on: ['failed' as const], sources: [{ function: answer }] };
  const attached = attach({ ...POLICY, ...only('chat'), stream: { midStream: 'append' }, fallback });
  const script: Script = { ...BROKEN, early: true };
  const stream = openStream(attached.connect(server.target), 'chat', { script, keepOpen: true });
  await stream.received(3);
  stream.call.once('finish', resolve);
  // More than fits into a buffer: each write has to be called back.
  for (let sent = 0; sent < 40; sent++) stream.send({ payload: Buffer.alloc(10_000) });
  stream.end();
  expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, [...CAME, 'x']]);
});
