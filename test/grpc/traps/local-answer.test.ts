import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { Metadata, type ServiceError, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRejection, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { OPERATIONS, recorder, retrying } from '../helpers/interceptors.ts';
import { messagesOf, play } from '../helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, receivesStream, type ScriptedClient, sendsStream } from '../helpers/scripted-service.ts';

// Traps of grpc-js in answering a call on this side: the order of what is delivered, when, and to whom.

const OPEN: MethodPolicyOptions = { openFor: '1h', backoff: { max: '1h' } };
const STREAM = ['one', 'two', 'three', 'four', 'five'].map((text) => ({ text }));
const withMessages = (messages: readonly object[]): MethodPolicyOptions => ({
  ...OPEN,
  fallback: { sources: [{ function: () => messages }] },
});
const withMessage = (message: object): MethodPolicyOptions => ({ ...OPEN, fallback: { sources: [{ function: () => message }] } });

describe('an answer of this side', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it.each(CALL_TYPES)(
    'a rejection: null before the status where there is one response, only the status for streams (%s)',
    async (type) => {
      const log: string[] = [];
      const attached = attach(OPEN);
      await attached.open(server.target, [type]);
      const client = attached.connect(server.target, { interceptors: [recorder(log, 'outer')] });
      await play(client, type);
      const received = log.filter((line) => /metadata|answer|status/.test(line));
      expect(received).toEqual(receivesStream(type) ? ['outer status 14'] : ['outer answer none', 'outer status 14']);
    },
  );

  it.each(CALL_TYPES)('a fallback: metadata, messages, status, and no null after a message (%s)', async (type) => {
    const log: string[] = [];
    const attached = attach(receivesStream(type) ? withMessages(STREAM) : withMessage({ text: 'one' }));
    await attached.open(server.target, [type]);
    const client = attached.connect(server.target, { interceptors: [recorder(log, 'outer')] });
    await play(client, type);
    const texts = (receivesStream(type) ? STREAM : STREAM.slice(0, 1)).map(({ text }) => `outer answer ${text}`);
    expect(log.filter((line) => /metadata|answer|status/.test(line))).toEqual(['outer metadata', ...texts, 'outer status 0']);
  });

  it('a retrying interceptor outside works with rejections', async () => {
    const codes: number[] = [];
    const attached = attach({ ...OPEN, trip: { consecutiveFailures: 2 } });
    const target = '127.0.0.1:1';
    const client = attached.connect(target, { interceptors: [retrying(codes, 5)] });
    const played = await play(client, 'unary');
    expect(codes).toEqual([14, 14, 14, 14, 14]);
    expect(attached.breaker(target, 'unary').snapshot().counts).toMatchObject({ failure: 2, rejected: { open: 3 } });
    expect(played.sights.map(([what]) => what)).toEqual(['callback', 'status']);
  });

  it('a retrying interceptor outside gets the fallback in the end', async () => {
    const codes: number[] = [];
    const attached = attach({ ...withMessage({ text: 'instead' }), trip: { consecutiveFailures: 2 } });
    const client = attached.connect('127.0.0.1:1', { interceptors: [retrying(codes, 5)] });
    const played = await play(client, 'unary');
    expect(codes).toEqual([14, 14, 0]);
    expect(messagesOf(played)).toMatchObject([{ text: 'instead' }]);
  });

  it.each(CALL_TYPES)('comes after the client method has returned, so that every event is heard (%s)', async (type) => {
    for (const policy of [OPEN, receivesStream(type) ? withMessages(STREAM) : withMessage({ text: 'one' })]) {
      const attached = attach(policy);
      await attached.open(server.target, [type]);
      // `play` adds its listeners when it has the call; a failing stream would throw out of the client method otherwise.
      const { sights } = await play(attached.connect(server.target), type);
      const what = sights.map(([name]) => name);
      const isFallback = policy !== OPEN;
      expect(what).not.toContain('thrown');
      expect(what).toContain('status');
      expect(what.includes('metadata')).toBe(isFallback);
      expect(what.includes(receivesStream(type) ? 'error' : 'callback')).toBe(!isFallback);
    }
  });

  const RETRIES: readonly {
    name: string;
    policy: MethodPolicyOptions;
    again: (client: ScriptedClient, retry: () => void) => void;
  }[] = [
    { name: 'in its callback', policy: OPEN, again: (client, retry) => client.unary({}, new Metadata(), {}, retry) },
    {
      name: 'in a stream’s error event',
      policy: OPEN,
      again: (client, retry) => client.download({}, new Metadata(), {}).on('error', retry),
    },
    {
      name: 'in a stream’s status event',
      policy: OPEN,
      again: (client, retry) =>
        client
          .chat(new Metadata(), {})
          .on('error', () => {})
          .on('status', retry),
    },
    {
      name: 'after an asynchronous fallback',
      policy: { ...OPEN, fallback: { sources: [{ function: async () => ({ text: 'one' }) }] } },
      again: (client, retry) => client.unary({}, new Metadata(), {}, retry),
    },
    {
      name: 'after an asynchronous fallback without an answer',
      policy: { ...OPEN, fallback: { sources: [{ function: async () => undefined }] } },
      again: (client, retry) => client.unary({}, new Metadata(), {}, retry),
    },
    {
      name: 'after a failed call with a fallback',
      policy: { ...OPEN, fallback: { on: ['rejected', 'failed'], sources: [{ function: async () => undefined }] } },
      again: (client, retry) => client.upload(new Metadata(), {}, retry).end(),
    },
  ];

  it.each(RETRIES)('a caller that retries $name starves neither timers nor I/O', async ({ policy, again }) => {
    const attached = attach(policy);
    await attached.open(server.target);
    const client = attached.connect(server.target);
    const other = attach().connect(server.target);
    let tries = 0;
    let isOver = false;
    const retry = () => {
      if (isOver) return;
      tries++;
      if (tries > 100_000) throw new Error('neither a timer nor an answer came through');
      again(client, retry);
    };
    retry();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await play(other, 'unary');
    isOver = true;
    expect(tries).toBeGreaterThan(1);
  });

  it.each(['download', 'chat'] as const)('a stream follows its reader (%s)', async (type) => {
    const log: string[] = [];
    const attached = attach(withMessages(STREAM));
    await attached.open(server.target, [type]);
    const client = attached.connect(server.target, { interceptors: [recorder(log, 'outer')] });
    const call = type === 'download' ? client.download({}, new Metadata(), {}) : client.chat(new Metadata(), {});
    if (sendsStream(type)) (call as ReturnType<ScriptedClient['chat']>).end();
    await once(call, 'metadata');
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(log.filter((line) => line.includes('answer'))).toEqual([]);
    const texts: string[] = [];
    for await (const { text } of call) texts.push(text);
    expect(texts).toEqual(STREAM.map(({ text }) => text));
  });

  it.each(['download', 'chat'] as const)(
    'a stream loses nothing under an asynchronous interceptor outside (%s)',
    async (type) => {
      const attached = attach(withMessages(STREAM));
      await attached.open(server.target, [type]);
      const slow = [recorder([], 'one', OPERATIONS), recorder([], 'two', OPERATIONS)];
      const { sights } = await play(attached.connect(server.target, { interceptors: slow }), type);
      expect(sights.map(([what]) => what)).toEqual([
        'metadata',
        'message',
        'message',
        'message',
        'message',
        'message',
        'status',
        'end',
      ]);
      expect(messagesOf({ sights }).map(({ text }) => text)).toEqual(STREAM.map(({ text }) => text));
    },
  );

  it('calls back every write of a client stream, so that it finishes', async () => {
    const attached = attach(OPEN);
    await attached.open(server.target, ['upload', 'chat']);
    const requests = Array.from({ length: 50 }, () => ({}));
    for (const type of ['upload', 'chat'] as const) {
      const played = await play(attached.connect(server.target), type, { requests, patienceMs: 1_000 });
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(played.written).toHaveLength(50);
      expect(played.finished).toBe(true);
    }
  });

  it('an endless source that is piped into a rejected call lets the rejection come through', async () => {
    const attached = attach(OPEN);
    await attached.open(server.target, ['upload']);
    const client = attached.connect(server.target);
    let pulled = 0;
    const source = Readable.from(
      (function* () {
        for (; pulled < 200_000; pulled++) yield {};
      })(),
    );
    const error = await new Promise<ServiceError | null>((resolve) => {
      const call: unknown = client.upload(new Metadata(), {}, resolve);
      source.pipe(call as Writable);
    });
    source.destroy();
    expect(error?.code).toBe(Status.UNAVAILABLE);
    expect(isRejection(error)).toBe(true);
    expect(pulled).toBeLessThan(10_000);
  });
});
