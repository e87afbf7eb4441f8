import { type CallOptions, type ClientOptions, credentials, Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IgnoredCause } from '../../../src/policy/ignored-cause.ts';
import type { BreakerEntry } from '../../../src/policy/registry.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, type Plan, play } from '../helpers/play.ts';
import { steadily } from '../helpers/quiet.ts';
import { register } from '../helpers/registered.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, type CallType } from '../helpers/scripted-service.ts';

// How a call counts that this side ended, by the caller's hand or by its own fault: it says nothing about the server.

interface Case {
  readonly name: string;
  readonly cause: IgnoredCause;
  readonly code: number;
  readonly details: RegExp;
  readonly script?: Script;
  readonly plan?: Plan;
  readonly clientOptions?: ClientOptions;
  readonly callOptions?: () => CallOptions;
  readonly types?: readonly CallType[];
}

function failingCredentials(code?: number | string): CallOptions {
  const error = Object.assign(new Error('no token'), code === undefined ? {} : { code });
  return { credentials: credentials.createFromMetadataGenerator((_options, callback) => callback(error)) };
}

const twoTokens = credentials.createFromMetadataGenerator((_options, callback) => {
  const metadata = new Metadata();
  metadata.add('authorization', 'one');
  metadata.add('authorization', 'two');
  callback(null, metadata);
});

const LOCAL_CODES: readonly (readonly [number | string | undefined, number])[] = [
  [undefined, Status.UNKNOWN],
  ['ENOENT', Status.UNKNOWN],
  [Status.UNAVAILABLE, Status.UNAVAILABLE],
  [Status.UNAUTHENTICATED, Status.UNAUTHENTICATED],
  [Status.DEADLINE_EXCEEDED, Status.DEADLINE_EXCEEDED],
  [Status.NOT_FOUND, Status.INTERNAL],
];

const hang: Script = { answers: 0, hang: true };
const CASES: readonly Case[] = [
  {
    name: 'the caller cancels at once',
    cause: 'cancelled',
    code: Status.CANCELLED,
    details: /Cancelled on client/,
    script: hang,
    plan: { cancel: 'atOnce' },
  },
  {
    name: 'the caller cancels in flight',
    cause: 'cancelled',
    code: Status.CANCELLED,
    details: /Cancelled on client/,
    script: hang,
    plan: { cancel: 20 },
  },
  {
    name: 'the caller cancels after headers',
    cause: 'cancelled',
    code: Status.CANCELLED,
    details: /Cancelled on client/,
    script: { ...hang, headers: { a: 'b' } },
    plan: { cancel: 'onMetadata' },
  },
  {
    name: 'the caller cancels after a message',
    cause: 'cancelled',
    code: Status.CANCELLED,
    details: /Cancelled on client/,
    script: { hang: true, answers: 3, gapMs: 10 },
    plan: { cancel: 'onMessage' },
    types: ['download', 'chat'],
  },
  {
    name: 'a request is not serialisable',
    cause: 'requestNotSerializable',
    code: Status.INTERNAL,
    details: /^Request message serialization failure/,
    plan: { requests: [{ owner: 'acme' as never }] },
  },
  {
    name: 'a request is too large to send',
    cause: 'requestTooLarge',
    code: Status.RESOURCE_EXHAUSTED,
    details: /^Attempted to send message/,
    plan: { requests: [{ payload: Buffer.alloc(200) }] },
    clientOptions: { 'grpc.max_send_message_length': 100 },
  },
  {
    name: 'an answer is too large to take',
    cause: 'responseTooLarge',
    code: Status.RESOURCE_EXHAUSTED,
    details: /^Received message larger than max/,
    script: { size: 200 },
    clientOptions: { 'grpc.max_receive_message_length': 100 },
  },
  {
    name: 'an answer is not parsable',
    cause: 'responseNotParsable',
    code: Status.INTERNAL,
    details: /^Response message parsing error/,
    script: { garbage: true },
  },
  ...LOCAL_CODES.map(([given, code]) => ({
    name: `call credentials fail with ${given ?? 'no code'}`,
    cause: 'credentials' as const,
    code,
    details: /Getting metadata from plugin failed with error: no token/,
    callOptions: () => failingCredentials(given),
  })),
  {
    name: 'call credentials give two tokens',
    cause: 'credentials',
    code: Status.INTERNAL,
    details: /^"authorization" metadata cannot/,
    callOptions: () => ({ credentials: twoTokens }),
  },
  {
    name: 'the deadline was past at the start',
    cause: 'deadlinePast',
    code: Status.DEADLINE_EXCEEDED,
    details: /^Deadline exceeded/,
    callOptions: () => ({ deadline: Date.now() - 1_000 }),
  },
];

describe('a call that this side ended is ignored', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const rows = CASES.flatMap((each) => (each.types ?? CALL_TYPES).map((type) => ({ ...each, type })));

  it.each(rows)('$name ($type)', async ({ type, cause, code, details, script = {}, plan, clientOptions, callOptions }) => {
    const registered = register({ trip: { consecutiveFailures: 1 } });
    const client = registered.connect(server.target, clientOptions);
    const played = await play(client, type, { ...plan, metadata: scripted(script), options: { ...callOptions?.() } });
    expect(codeOf(played)).toBe(code);
    expect(played.sights.find(([what]) => what === 'status')?.[1]).toMatchObject({ details: expect.stringMatching(details) });
    const { state, inFlight, counts } = (registered.entries()[0] as BreakerEntry).breaker.snapshot();
    expect({ state, inFlight, ...counts }).toMatchObject({ state: 'closed', inFlight: 0, success: 0, failure: 0, ignored: 1 });
    expect(registered.ignored()).toEqual({ [cause]: 1 });
  });

  it.each(rows)(
    'as a trial it gives its permit back: $name ($type)',
    async ({ type, script = {}, plan, clientOptions, callOptions }) => {
      const attached = attach({ trip: { consecutiveFailures: 5 }, openFor: '1ms', trials: 1 });
      await attached.open(server.target, [type]);
      await new Promise((resolve) => setTimeout(resolve, 3));
      const client = attached.connect(server.target, clientOptions);
      await play(client, type, { ...plan, metadata: scripted(script), options: { ...callOptions?.() } });
      expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
        state: 'halfOpen',
        inFlight: 0,
        counts: { ignored: 1 },
      });
      await play(attached.connect(server.target), type);
      expect(attached.breaker(server.target, type).state).toBe('closed');
    },
  );

  it('two answers to a call that has one: a missed deadline where nobody reads on, else the client cancels', () =>
    steadily(async () => {
      const script: Script = { answers: 2 };
      const rows = [
        { type: 'unary', code: Status.DEADLINE_EXCEEDED, counts: { failure: 1, ignored: 0 } },
        { type: 'upload', code: Status.UNIMPLEMENTED, counts: { success: 0, failure: 0, ignored: 1 } },
      ] as const;
      for (const { type, code, counts } of rows) {
        for (const sources of [undefined, [{ function: () => undefined }]]) {
          const attached = attach(sources === undefined ? {} : { fallback: { on: ['failed'], sources } });
          const client = attached.connect(server.target);
          const played = await play(client, type, { metadata: scripted(script), options: { deadline: Date.now() + 80 } });
          expect(codeOf(played)).toBe(code);
          expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject(counts);
        }
      }
    }));

  it('a cancel after the end changes nothing, as some clients do it for every bidi call', async () => {
    const attached = attach();
    const client = attached.connect(server.target);
    for (const code of [Status.OK, Status.UNAVAILABLE]) {
      const call = client.chat(scripted({ code }), {});
      call.on('error', () => {}).on('data', () => {});
      call.end();
      await new Promise((resolve) => call.on('status', resolve));
      call.cancel();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { counts, inFlight } = attached.breaker(server.target, 'chat').snapshot();
    expect({ ...counts, inFlight }).toMatchObject({ success: 1, failure: 1, ignored: 0, inFlight: 0 });
  });

  it('clients whose timeouts cancel are told apart from slow servers by the deadline of the policy', async () => {
    const attached = attach({ deadline: '40ms' });
    const client = attached.connect(server.target);
    await play(client, 'unary', { metadata: scripted(hang), cancel: 10 });
    await play(client, 'unary', { metadata: scripted(hang), cancel: 300 });
    expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ ignored: 1, failure: 1 });
  });
});
