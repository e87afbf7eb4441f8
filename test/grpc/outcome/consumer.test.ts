import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, connect } from '../helpers/attached.ts';
import { settled, steadily } from '../helpers/quiet.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import type { Answer, ScriptedClient } from '../helpers/scripted-service.ts';

// A stream whose deadline passes while its consumer does not read says nothing about the server; one that waits for the server does.

type Stream = ReturnType<ScriptedClient['download']> | ReturnType<ScriptedClient['chat']>;

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly consume: (stream: Stream) => Promise<void>;
  readonly outcome: 'failure' | 'ignored';
}

const flow = async (stream: Stream): Promise<void> => void stream.on('data', () => {});
const breakAfter = (count: number) => async (stream: Stream) => {
  let read = 0;
  for await (const _answer of stream as AsyncIterable<Answer>) if (++read === count) break;
};

const CASES: readonly Case[] = [
  // `break` does not cancel the call (grpc-node#1238): its status comes much later, as a missed deadline.
  {
    name: 'it left its for-await, and the server goes on',
    script: { answers: 60, gapMs: 2, hang: true },
    consume: breakAfter(2),
    outcome: 'ignored',
  },
  {
    name: 'it left its for-await, and the server hung then',
    script: { answers: 2, hang: true },
    consume: breakAfter(2),
    outcome: 'failure',
  },
  {
    name: 'it paused, and the server has more than it buffers',
    script: { answers: 60, hang: true },
    consume: async (stream) => {
      stream.on('data', () => stream.pause());
    },
    outcome: 'ignored',
  },
  { name: 'it never read', script: { answers: 60, hang: true }, consume: async () => {}, outcome: 'ignored' },
  {
    name: 'it reads all, and the server hung before the first message',
    script: { answers: 0, hang: true },
    consume: flow,
    outcome: 'failure',
  },
  { name: 'it reads all, and the server hung after some', script: { answers: 3, hang: true }, consume: flow, outcome: 'failure' },
  {
    name: 'it reads all, and the server hung after many',
    script: { answers: 40, hang: true },
    consume: flow,
    outcome: 'failure',
  },
];

describe('a stream’s missed deadline', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const rows = CASES.flatMap((each) => (['download', 'chat'] as const).map((type) => ({ ...each, type })));
  it.each(rows)('is a $outcome when $name ($type)', ({ type, script, consume, outcome }) =>
    steadily(async () => {
      const attached = attach();
      const client = attached.connect(server.target);
      const options = { deadline: Date.now() + 160 };
      const metadata = scripted({ ...script, early: true });
      const stream: Stream = type === 'download' ? client.download({}, metadata, options) : client.chat(metadata, options);
      const ended = new Promise<{ code: number }>((resolve) => stream.on('error', () => {}).on('status', resolve));
      await consume(stream);
      expect((await ended).code).toBe(Status.DEADLINE_EXCEEDED);
      const { counts, inFlight } = attached.breaker(server.target, type).snapshot();
      expect({ inFlight, ...counts }).toMatchObject({ inFlight: 0, success: 0, failure: 0, ignored: 0, [outcome]: 1 });
    }),
  );

  it('a for-await that is left does not end its call, with a breaker as without one', async () => {
    for (const client of [connect(server.target), attach().connect(server.target)]) {
      server.forget();
      const stream = client.download({}, scripted({ answers: 500, size: 16_384 }), {});
      await breakAfter(2)(stream);
      const written = () => server.calls[0]?.written ?? 0;
      await settled(written);
      expect(server.calls[0]?.cancelled).toBe(false);
      stream.cancel();
    }
  });

  it('watch streams that stay open for hours hold nothing up: others trip and close the breaker meanwhile', async () => {
    const attached = attach({ trip: { consecutiveFailures: 2 }, openFor: '1ms', trials: 1 });
    const client = attached.connect(server.target);
    const watch = client.chat(scripted({ early: true, hang: true }), {});
    watch.on('error', () => {}).on('data', () => {});
    const call = async (script: Script) => {
      const chat = client.chat(scripted(script), {});
      chat.on('error', () => {}).on('data', () => {});
      chat.end();
      await new Promise((resolve) => chat.on('status', resolve));
    };
    for (let failure = 0; failure < 2; failure++) await call({ answers: 0, code: Status.UNAVAILABLE });
    const breaker = attached.breaker(server.target, 'chat');
    expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 1 });
    await new Promise((resolve) => setTimeout(resolve, 3));
    await call({});
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 1, counts: { success: 1, failure: 2, ignored: 0 } });
    watch.cancel();
    await new Promise((resolve) => watch.on('status', resolve));
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0, counts: { success: 1, failure: 2, ignored: 1 } });
  });
});
