import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackOf, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type CallType, methodName, SCRIPTED } from '../helpers/scripted-service.ts';

// Streams that break off in the middle.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 3 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };
const STREAMS: readonly CallType[] = ['download', 'chat'];
const BROKEN = { answers: 2, code: Status.UNAVAILABLE, details: 'lost' };

describe.each(STREAMS)('a stream that breaks off (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const method = methodName(type).split('/')[1] ?? '';
  const texts = (played: Awaited<ReturnType<typeof play>>) => messagesOf(played).map(({ text }) => text);
  const withSource = (source: FallbackSourceOptions, stream: MethodPolicyOptions['stream'] = { midStream: 'append' }) =>
    attach({
      ...POLICY,
      name: [{ service: SCRIPTED, method }],
      stream,
      fallback: { on: ['rejected', 'failed'], sources: [source] },
    });

  it('counts each time: messages that came do not hide it', async () => {
    const attached = attach(POLICY);
    const client = attached.connect(server.target);
    for (let call = 0; call < 3; call++) await play(client, type, { metadata: scripted(BROKEN) });
    const { state, verdict, counts } = attached.breaker(server.target, type).snapshot();
    expect({ state, reason: verdict?.reason, counts }).toMatchObject({
      state: 'open',
      reason: 'consecutiveFailures',
      counts: { failure: 3, success: 0 },
    });
  });

  it('is an error by default, with a fallback too', async () => {
    const attached = withSource({ function: () => [{ text: 'never' }] }, {});
    const played = await play(attached.connect(server.target), type, { metadata: scripted(BROKEN) });
    expect([codeOf(played), texts(played)]).toEqual([Status.UNAVAILABLE, ['answer 0', 'answer 1']]);
  });

  const SOURCES: readonly { name: string; source: FallbackSourceOptions }[] = [
    { name: 'messages', source: { messages: [{ text: 'x' }, { text: 'y' }] } },
    { name: 'a list', source: { function: () => [{ text: 'x' }, { text: 'y' }] } },
    {
      name: 'a generator',
      source: {
        function: async function* () {
          yield { text: 'x' };
          yield { text: 'y' };
        },
      },
    },
  ];
  it.each(SOURCES)('append: $name follow what came, and all is OK', async ({ source }) => {
    const attached = withSource(source);
    const played = await play(attached.connect(server.target), type, { metadata: scripted(BROKEN) });
    expect([codeOf(played), texts(played)]).toEqual([Status.OK, ['answer 0', 'answer 1', 'x', 'y']]);
    expect(messagesOf(played).map((message) => fallbackOf(message)?.reason)).toEqual([undefined, undefined, 'failed', 'failed']);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 0 });
    expect(played.sights.filter(([what]) => what === 'metadata')).toHaveLength(1);
  });

  it('append: a source without an answer leaves its own status', async () => {
    const attached = withSource({ function: () => undefined });
    const played = await play(attached.connect(server.target), type, { metadata: scripted(BROKEN) });
    expect([codeOf(played), texts(played)]).toEqual([Status.UNAVAILABLE, ['answer 0', 'answer 1']]);
  });

  it('a generator that throws in the middle ends the stream with its error', async () => {
    const attached = withSource({
      function: async function* () {
        yield { text: 'x' };
        throw new Error('no more');
      },
    });
    const played = await play(attached.connect(server.target), type, { metadata: scripted({ ...BROKEN, answers: 0 }) });
    expect([codeOf(played), texts(played)]).toEqual([Status.UNKNOWN, ['x']]);
    expect(played.error?.details).toContain('no more');
  });

  it('a generator that yields nothing in time is passed over, and left when it does', async () => {
    let left = false;
    const source: FallbackSourceOptions = {
      timeout: '20ms',
      function: async function* () {
        try {
          await new Promise((resolve) => setTimeout(resolve, 60));
          yield { text: 'late' };
        } finally {
          left = true;
        }
      },
    };
    const attached = withSource(source);
    const played = await play(attached.connect(server.target), type, { metadata: scripted({ ...BROKEN, answers: 0 }) });
    expect(codeOf(played)).toBe(Status.UNAVAILABLE);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(left).toBe(true);
  });

  it('a caller that cancels ends the generator', async () => {
    let left = false;
    const attached = withSource({
      function: async function* () {
        try {
          for (let token = 0; ; token++) {
            yield { text: `token ${token}` };
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          left = true;
        }
      },
    });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ ...BROKEN, answers: 0 }),
      cancel: 60,
    });
    expect(codeOf(played)).toBe(Status.CANCELLED);
    expect(texts(played).length).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(left).toBe(true);
  });

  it.each([
    ['firstMessage', 'closed', 'trialsSucceeded'],
    ['status', 'open', 'trialExpired'],
  ] as const)('a trial that goes on and on, judged at %s: %s', async (success, state, reason) => {
    const attached = attach({
      ...POLICY,
      trip: { consecutiveFailures: 1 },
      openFor: '1ms',
      trials: 1,
      lease: '60ms',
      stream: { success },
    });
    const client = attached.connect(server.target);
    await play(client, type, { metadata: scripted({ ...BROKEN, answers: 0 }) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const trial = play(client, type, { metadata: scripted({ answers: 1, hang: true }), cancel: 200 });
    await new Promise((resolve) => setTimeout(resolve, 120));
    const found = attached.breaker(server.target, type).snapshot();
    expect([found.state, found.verdict?.reason]).toEqual([state, reason]);
    await trial;
  });
});
