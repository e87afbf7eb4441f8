import { InterceptingCall, type Interceptor, Metadata, status as Status, StatusBuilder } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach, connect } from '../helpers/attached.ts';
import { OPERATIONS, recorder, slowMessage } from '../helpers/interceptors.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { turns } from '../helpers/quiet.ts';
import { scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, receivesStream } from '../helpers/scripted-service.ts';

// Traps of grpc-js in what comes early, late, or to nobody.

const OPEN: MethodPolicyOptions = { openFor: '1h', backoff: { max: '1h' } };

describe('what comes early, late, or to nobody', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it.each(['download', 'chat'] as const)('a read before the start is not lost (%s)', async (type) => {
    const slowStart = recorder([], 'slow', ['start']);
    const reads: string[] = [];
    const early: Interceptor = (options, nextCall) => {
      const call = new InterceptingCall(nextCall(options));
      const start = call.start.bind(call);
      call.start = (...args) => {
        reads.push('start');
        start(...args);
      };
      const startRead = call.startRead.bind(call);
      call.startRead = () => {
        reads.push('read');
        startRead();
      };
      return call;
    };
    const attached = attach();
    const client = attached.connect(server.target, { interceptors: [slowStart, early] });
    const played = await play(client, type, { metadata: scripted({ answers: 5 }), patienceMs: 2_000 });
    expect(reads.slice(0, 2)).toEqual(['read', 'start']);
    expect(messagesOf(played)).toHaveLength(5);
    await attached.open(server.target, [type]);
    reads.length = 0;
    const rejected = await play(client, type, { patienceMs: 2_000 });
    expect(reads.slice(0, 2)).toEqual(['read', 'start']);
    expect(codeOf(rejected)).toBe(Status.UNAVAILABLE);
  });

  // grpc-js alone never calls back here (its PR 1986): a cancel during another interceptor's asynchronous start.
  it.each(CALL_TYPES)(
    'a cancel before the start ends the call, without reaching the server or the breaker (%s)',
    async (type) => {
      const attached = attach();
      const client = attached.connect(server.target, { interceptors: [recorder([], 'slow', ['start'])] });
      server.forget();
      const played = await play(client, type, { cancel: 'atOnce', patienceMs: 2_000 });
      expect(codeOf(played)).toBe(Status.CANCELLED);
      await turns(10);
      expect(server.calls).toEqual([]);
      expect(attached.breakers.snapshot().map(({ inFlight, counts }) => [inFlight, counts.success, counts.failure])).toEqual([]);
    },
  );

  const cancels = CALL_TYPES.flatMap((type) => [
    { type, what: 'a rejection', policy: OPEN },
    {
      type,
      what: 'a fallback',
      policy: { ...OPEN, fallback: { sources: [{ function: () => (receivesStream(type) ? [{}, {}] : {}) }] } },
    },
    { type, what: 'a slow fallback', policy: { ...OPEN, fallback: { sources: [{ function: () => new Promise(() => {}) }] } } },
  ]);
  it.each(cancels)('a cancel while $what is on its way is the status, once ($type)', async ({ type, what, policy }) => {
    const attached = attach(policy);
    await attached.open(server.target, [type]);
    const isSlow = what === 'a slow fallback';
    for (const cancel of isSlow ? (['atOnce', 5] as const) : (['atOnce', 5, 'onMetadata', 'onMessage'] as const)) {
      const played = await play(attached.connect(server.target), type, { cancel, patienceMs: 2_000 });
      const statuses = played.sights.filter(([sight]) => sight === 'status');
      expect(statuses).toHaveLength(1);
      if (cancel === 'atOnce' || isSlow) expect(codeOf(played)).toBe(Status.CANCELLED);
      expect(played.sights.filter(([sight]) => sight === 'error' || sight === 'callback').length).toBeLessThan(2);
    }
    expect(attached.warnings).toEqual([]);
  });

  const LISTENERS = [
    { name: 'no listener', listener: undefined },
    { name: 'an empty listener', listener: {} },
    { name: 'a listener of the status only', listener: { onReceiveStatus: () => {} } },
    { name: 'a listener of messages only', listener: { onReceiveMessage: () => {} } },
  ];
  it.each(LISTENERS)('$name: calls, rejections and fallbacks pass without a sound', async ({ listener }) => {
    // An interceptor that sends every call twice, the second time for its effect on the server only.
    const shadow: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start(metadata, _listener, next) {
          const second = nextCall(options);
          second.start(new Metadata(), listener);
          second.sendMessage({ model_name: 'shadow' });
          second.halfClose();
          second.startRead();
          next(metadata, {});
        },
      });
    const attached = attach({ ...OPEN, fallback: { on: ['rejected', 'failed'], sources: [{ function: () => [{}] }] } });
    for (const type of CALL_TYPES) {
      const client = attached.connect(server.target, { interceptors: [shadow] });
      server.forget();
      await play(client, type);
      await vi.waitFor(() => expect(server.calls).toHaveLength(2));
      await vi.waitFor(() => expect(attached.breaker(server.target, type).snapshot().inFlight).toBe(0));
      attached.breaker(server.target, type).trip('by the test');
      await play(client, type);
      expect(attached.breaker(server.target, type).snapshot().counts.rejected.open).toBe(2);
    }
  });

  it.each(CALL_TYPES)('nothing comes after the status, whatever comes from below (%s)', async (type) => {
    const attached = attach();
    // Says everything once more after the status, as calls do that were cancelled while an answer was on its way.
    const stutter: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start(metadata, listener, next) {
          next(metadata, {
            onReceiveStatus(status, handOn) {
              handOn(status);
              listener.onReceiveMetadata(new Metadata());
              listener.onReceiveMessage({ text: 'late' });
              listener.onReceiveStatus({ ...status, code: Status.INTERNAL });
            },
          });
        },
      });
    const log: string[] = [];
    const interceptors = [recorder(log, 'outer'), attached.breakers.interceptor(server.target), stutter];
    const played = await play(connect(server.target, { interceptors }), type);
    expect(log.at(-1)).toBe('outer status 0');
    expect(log.filter((line) => line.includes('late'))).toEqual([]);
    expect(codeOf(played)).toBe(Status.OK);
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ inFlight: 0, counts: { success: 1, failure: 0 } });
  });

  const PARTIAL = [
    { name: 'a code alone', status: new StatusBuilder().withCode(Status.UNAVAILABLE).build(), failure: 1 },
    {
      name: 'a code and details',
      status: new StatusBuilder().withCode(Status.NOT_FOUND).withDetails('none').build(),
      failure: 0,
    },
    { name: 'OK alone', status: new StatusBuilder().withCode(Status.OK).build(), failure: 0 },
  ];
  it.each(PARTIAL)('a partial status of an interceptor below is judged and handed on: $name', async ({ status, failure }) => {
    const attached = attach();
    const building: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: (metadata, _listener, next) => next(metadata, { onReceiveStatus: (_status, handOn) => handOn(status as never) }),
      });
    const client = connect(server.target, { interceptors: [attached.breakers.interceptor(server.target), building] });
    const ended = await new Promise((resolve) => {
      client.unary({}, new Metadata(), {}, () => {}).on('status', resolve);
    });
    expect(ended).toEqual(status);
    expect(attached.breaker(server.target, 'unary').snapshot()).toMatchObject({ inFlight: 0, counts: { failure } });
  });

  it('an interceptor below that throws in its start throws as without a breaker, and leaves no permit behind', async () => {
    const throwing: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: () => {
          throw new Error('broken');
        },
      });
    const attached = attach({ openFor: '1ms', trials: 1 });
    const [bare, ours] = [[throwing], [attached.breakers.interceptor(server.target), throwing]].map((interceptors) =>
      play(connect(server.target, { interceptors }), 'unary'),
    );
    expect((await bare)?.sights).toEqual([['thrown', 'broken']]);
    expect((await ours)?.sights).toEqual([['thrown', 'broken']]);
    expect(attached.breaker(server.target, 'unary').snapshot().inFlight).toBe(0);
  });

  it.each(['unary', 'download'] as const)(
    'a rejected call waits for a request that its fallback needs, and keeps its deadline (%s)',
    async (type) => {
      const source = {
        function: ({ model_name: text }: { model_name: string }) => (receivesStream(type) ? [{ text }] : { text }),
      };
      const attached = attach({ ...OPEN, fallback: { sources: [source] } });
      await attached.open(server.target, [type]);
      const requests = [{ model_name: 'iris' }];
      const late = attached.connect(server.target, { interceptors: [slowMessage(20)] });
      expect(messagesOf(await play(late, type, { requests })).map(({ text }) => text)).toEqual(['iris']);
      const tooLate = attached.connect(server.target, { interceptors: [slowMessage(400)] });
      const played = await play(tooLate, type, { requests, options: { deadline: Date.now() + 40 } });
      expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
      expect(played.durationMs).toBeLessThan(390);
      expect(attached.warnings).toEqual([]);
    },
  );

  it('a message that an asynchronous start holds up is the one that the key and the fallback see', async () => {
    const seen: unknown[] = [];
    const attached = attach({
      ...OPEN,
      key: ['target', 'method', 'request.model_name'],
      fallback: { sources: [{ function: (request: { model_name?: string }) => seen.push(request.model_name) && {} }] },
    });
    for (const type of CALL_TYPES.filter((each) => !receivesStream(each))) {
      const client = attached.connect(server.target, { interceptors: [recorder([], 'slow', OPERATIONS)] });
      await play(client, type, { requests: [{ model_name: 'iris' }] });
      attached.breaker(server.target, type, '[iris]').trip('by the test');
      await play(client, type, { requests: [{ model_name: 'iris' }] });
    }
    expect(seen).toEqual(['iris', 'iris']);
  });
});
