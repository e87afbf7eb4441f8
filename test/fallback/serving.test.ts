import { Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackOf, type MethodPolicyOptions } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { type Script, scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import {
  type Answer,
  CALL_TYPES,
  methodName,
  type Question,
  receivesStream,
  SCRIPTED,
} from '../grpc/helpers/scripted-service.ts';

// What callers get instead of an error, over real calls.

const TEXTS = ['one', 'two', 'three'];
const FAILING: Script = { answers: 0, code: Status.UNAVAILABLE, details: 'sick', trailers: { 'x-why': 'load' } };

describe.each(CALL_TYPES)('a fallback (%s)', (type) => {
  const isStream = receivesStream(type);
  const texts = isStream ? TEXTS : TEXTS.slice(0, 1);
  const answers = texts.map((text) => ({ text }));
  const method = methodName(type).split('/')[1] as string;
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  function attach(fallback: MethodPolicyOptions['fallback'], policy: MethodPolicyOptions = {}) {
    return attachAll({
      methods: [
        {
          jitter: 0,
          openFor: '1h',
          backoff: { max: '1h' },
          ...policy,
          name: [{ service: SCRIPTED, method }],
          ...(fallback && { fallback }),
        },
      ],
    });
  }

  const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), 5));
  const response = isStream ? answers : answers[0];
  const SOURCES: readonly { name: string; source: FallbackSourceOptions }[] = [
    { name: isStream ? 'messages' : 'message', source: isStream ? { messages: answers } : { message: response } },
    { name: 'a function', source: { function: () => response } },
    { name: 'an asynchronous function', source: { function: () => later(response) } },
    {
      name: 'a function with a promise of its own kind',
      // oxlint-disable-next-line unicorn/no-thenable -- other libraries' promises are such objects
      source: { function: () => ({ then: (done: (value: unknown) => void) => done(response) }) },
    },
  ];

  it.each(SOURCES)('of $name answers a rejected call', async ({ source }) => {
    const attached = attach({ sources: [{ ...source, name: 'default-answer' }] });
    await attached.open(server.target, [type]);
    server.forget();
    const played = await play(attached.connect(server.target), type);
    expect(server.calls).toEqual([]);
    expect(messagesOf(played).map(({ text }) => text)).toEqual(texts);
    expect(played.sights[0]).toEqual(['metadata', { 'grpc-breaker-fallback': 'default-answer' }]);
    const status = { code: Status.OK, details: 'OK', metadata: { 'grpc-breaker-fallback': 'default-answer' } };
    expect(played.sights.find(([what]) => what === 'status')?.[1]).toEqual(status);
    for (const message of messagesOf(played)) {
      expect(fallbackOf(message)).toEqual({
        source: 'default-answer',
        reason: 'rejected',
        breaker: `${server.target}/${methodName(type)}`,
        verdict: { reason: 'manual', message: 'by the test' },
      });
    }
    expect(attached.warnings).toEqual([]);
  });

  it.each(SOURCES)('of $name answers a failed call where the policy says so', async ({ source }) => {
    const attached = attach({ on: ['failed'], sources: [source] });
    const client = attached.connect(server.target);
    const played = await play(client, type, { metadata: scripted(FAILING) });
    expect(codeOf(played)).toBe(Status.OK);
    expect(messagesOf(played).map(({ text }) => text)).toEqual(texts);
    for (const message of messagesOf(played)) expect(fallbackOf(message)).toMatchObject({ reason: 'failed' });
    expect(attached.breaker(server.target, type).snapshot().counts.failure).toBe(1);
    attached.breaker(server.target, type).trip('by the test');
    expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
  });

  it('can be one text for a rejected call and another for a failed one', async () => {
    const of = (text: string) => (isStream ? { messages: [{ text }] } : { message: { text } });
    const sources: FallbackSourceOptions[] = [
      { ...of('Service unavailable (circuit open)'), when: 'rejected' },
      { ...of('Service failed, try again'), when: 'failed' },
    ];
    const attached = attach({ sources }, { trip: { consecutiveFailures: 3 } });
    const client = attached.connect(server.target);
    const got: (string | undefined)[] = [];
    for (let call = 0; call < 5; call++) got.push(messagesOf(await play(client, type, { metadata: scripted(FAILING) }))[0]?.text);
    expect(got).toEqual([
      ...Array<string>(3).fill('Service failed, try again'),
      ...Array<string>(2).fill('Service unavailable (circuit open)'),
    ]);
  });

  it('is not asked about answers, errors that are answers, and the caller’s own cancel', async () => {
    let asked = 0;
    const attached = attach({ on: ['rejected', 'failed'], sources: [{ function: () => void asked++ }] });
    const client = attached.connect(server.target);
    for (const message of messagesOf(await play(client, type))) expect(fallbackOf(message)).toBeUndefined();
    expect(codeOf(await play(client, type, { metadata: scripted({ answers: 0, code: Status.NOT_FOUND }) }))).toBe(
      Status.NOT_FOUND,
    );
    expect(codeOf(await play(client, type, { metadata: scripted({ answers: 0, hang: true }), cancel: 20 }))).toBe(
      Status.CANCELLED,
    );
    expect(asked).toBe(0);
  });

  it('without an answer leaves a failed call as it was', async () => {
    const bare = await play(attach(undefined).connect(server.target), type, { metadata: scripted(FAILING) });
    for (const nothing of [() => undefined, async () => undefined]) {
      const attached = attach({ on: ['failed'], sources: [{ function: nothing }] });
      const played = await play(attached.connect(server.target), type, { metadata: scripted(FAILING) });
      expect(played.sights).toEqual(bare.sights);
    }
  });

  it('after the server’s headers has its entry in the trailers only', async () => {
    const attached = attach({ on: ['failed'], sources: [{ name: 'late', function: () => response }] });
    const script = { ...FAILING, headers: { 'x-header': 'one' } };
    const played = await play(attached.connect(server.target), type, { metadata: scripted(script) });
    expect(played.sights.filter(([what]) => what === 'metadata').map(([, entries]) => entries)).toEqual([
      { 'content-type': 'application/grpc+proto', 'x-header': 'one' },
    ]);
    expect(played.sights.find(([what]) => what === 'status')?.[1]).toMatchObject({
      code: Status.OK,
      metadata: { 'grpc-breaker-fallback': 'late' },
    });
    expect(messagesOf(played).map(({ text }) => text)).toEqual(texts);
  });

  it('does not replace what has been delivered', async () => {
    const attached = attach({ on: ['failed'], sources: [{ function: () => response }] });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ answers: isStream ? 2 : 1, code: Status.INTERNAL }),
    });
    if (isStream) {
      expect(messagesOf(played).map(({ text }) => text)).toEqual(['answer 0', 'answer 1']);
      expect(codeOf(played)).toBe(Status.INTERNAL);
    } else {
      // A single response waits for its status, so that it can be replaced as a whole.
      expect(messagesOf(played).map(({ text }) => text)).toEqual(texts);
    }
  });

  it('is a message of its own for each call', async () => {
    for (const { source } of SOURCES) {
      const attached = attach({ sources: [source] });
      await attached.open(server.target, [type]);
      const client = attached.connect(server.target);
      const first = messagesOf(await play(client, type));
      for (const message of first) {
        message.text = 'changed';
        message.weights.push(1);
      }
      const second = messagesOf(await play(client, type));
      expect(second.map(({ text, weights }) => [text, weights])).toEqual(texts.map((text) => [text, []]));
      expect(second[0]).not.toBe(first[0]);
    }
    expect(answers).toEqual(texts.map((text) => ({ text })));
  });

  it('is as if it had come over the wire: defaults filled in, bytes as bytes', async () => {
    const sent = { text: 'one', payload: 'AAH6' };
    const attached = attach({ sources: [isStream ? { messages: [sent] } : { message: sent }] });
    await attached.open(server.target, [type]);
    const [message] = messagesOf(await play(attached.connect(server.target), type));
    expect(message).toMatchObject({ text: 'one', payload: Buffer.from([0, 1, 250]), item_index: 0, weights: [], side: 'HOLD' });
  });

  it('is told the request and the circumstances', async () => {
    const seen: unknown[] = [];
    const source: FallbackSourceOptions = {
      function: (request: Question | undefined, context) => {
        seen.push([request?.model_name, context]);
        return response;
      },
    };
    const attached = attach({ on: ['rejected', 'failed'], sources: [source] }, { trip: { consecutiveFailures: 1 } });
    const client = attached.connect(server.target);
    const requests = [{ model_name: 'iris' }, { model_name: 'other' }];
    await play(client, type, { requests, metadata: scripted(FAILING) });
    await play(client, type, { requests, options: { deadline: Date.now() + 60_000 } });
    const breaker = `${server.target}/${methodName(type)}`;
    const status = expect.objectContaining({ code: Status.UNAVAILABLE, details: 'sick' });
    expect(seen).toEqual([
      ['iris', expect.objectContaining({ cause: 'failed', breaker, method: methodName(type), status, deadlineLeftMs: Infinity })],
      [
        'iris',
        expect.objectContaining({
          cause: 'rejected',
          breaker,
          method: methodName(type),
          verdict: expect.objectContaining({ reason: 'consecutiveFailures' }),
          rejection: expect.objectContaining({ reason: 'open' }),
          status: undefined,
          deadlineLeftMs: expect.closeTo(60_000, -3),
        }),
      ],
    ]);
  });

  it('is counted by its source, and its breaker’s outcomes stay as they are', async () => {
    const attached = attach(
      { on: ['rejected', 'failed'], sources: [{ function: () => response }] },
      { trip: { consecutiveFailures: 2 } },
    );
    const client = attached.connect(server.target);
    for (let call = 0; call < 5; call++)
      expect(codeOf(await play(client, type, { metadata: scripted(FAILING) }))).toBe(Status.OK);
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 2, success: 0, rejected: { open: 3 } },
    });
  });
});

describe('fallbackOf', () => {
  it('knows nothing of anything else', () => {
    for (const other of [undefined, null, 'text', 42, {}, new Metadata(), [] as Answer[]])
      expect(fallbackOf(other)).toBeUndefined();
  });
});
