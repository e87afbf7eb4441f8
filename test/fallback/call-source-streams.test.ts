import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fallbackOf } from '../../src/index.ts';
import { codeOf, messagesOf, type Plan, play } from '../grpc/helpers/play.ts';
import { settled, steadily } from '../grpc/helpers/quiet.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { type Answer, methodName } from '../grpc/helpers/scripted-service.ts';
import { answeredBy, type SecondOptions } from './helpers/second-server.ts';

// Fallback calls that stream: what the second server sends is handed on message by message.

let first: ScriptedServer;
let second: ScriptedServer;
beforeAll(async () => {
  [first, second] = await Promise.all([startScriptedServer(), startScriptedServer()]);
});
afterAll(() => Promise.all([first.stop(), second.stop()]));
beforeEach(() => {
  first.forget();
  second.forget();
});

const others = [{ messages: [{ text: 'default' }] }];

/** Downloads that the first server refuses, and what the second one does in its place. */
async function refusing(given: SecondOptions = {}) {
  const attached = answeredBy(second.target, { method: 'Download', ...given });
  await attached.open(first.target, ['download']);
  second.forget();
  const client = attached.connect(first.target);
  return { ...attached, client, download: (plan: Plan = {}) => play(client, 'download', plan) };
}

const textsOf = (played: Awaited<ReturnType<typeof play>>) => messagesOf(played).map(({ text }) => text);

describe('a streamed fallback call', () => {
  it('is handed on as a fallback, each message once, in order', async () => {
    const { download, orders } = await refusing();
    orders.script = { answers: 5 };
    const played = await download();
    expect(textsOf(played)).toEqual([0, 1, 2, 3, 4].map((index) => `answer ${index}`));
    for (const message of messagesOf(played)) expect(fallbackOf(message)).toMatchObject({ source: 'call', reason: 'rejected' });
    expect(codeOf(played)).toBe(Status.OK);
    expect(played.sights[0]).toEqual(['metadata', { 'grpc-breaker-fallback': 'call' }]);
  });

  it('comes as it is sent: the first message is there long before the last', async () => {
    const { client, orders } = await refusing();
    orders.script = { answers: 2, gapMs: 60_000 };
    const call = client.download({}, scripted({}), {});
    const text = await new Promise((resolve) => call.on('data', (answer: Answer) => resolve(answer.text)));
    expect(text).toBe('answer 0');
    call.on('error', () => {});
    call.cancel();
    await vi.waitUntil(() => second.calls[0]?.cancelled === true);
  });

  it('is read no faster than its caller reads', async () => {
    const { client, orders } = await refusing();
    orders.script = { answers: 400, size: 10_000 };
    const call = client.download({}, scripted({}), {}).on('error', () => {});
    const messages = call[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read++) await messages.next();
    expect(await settled(() => second.calls[0]?.written ?? 0)).toBeLessThan(200);
    call.cancel();
  });

  it('without a message is a stream without one', async () => {
    const { download, orders } = await refusing({ others });
    orders.script = { answers: 0 };
    const played = await download();
    expect([textsOf(played), codeOf(played)]).toEqual([[], Status.OK]);
  });

  it('that fails before its first message is passed over', async () => {
    const { download, orders } = await refusing({ others });
    orders.script = { answers: 0, code: Status.INTERNAL };
    expect(textsOf(await download())).toEqual(['default']);
  });

  it('that fails after it fails for the caller, with its status', async () => {
    const { download, orders, breaker } = await refusing({ others });
    orders.script = { answers: 2, code: Status.DATA_LOSS, details: 'the disk' };
    const played = await download();
    expect(textsOf(played)).toEqual(['answer 0', 'answer 1']);
    expect(played.sights.find(([what]) => what === 'error')?.[1]).toMatchObject({ code: Status.DATA_LOSS, details: 'the disk' });
    expect(breaker(second.target, 'download').snapshot().counts).toMatchObject({ failure: 1 });
  });

  it('ends with the caller’s cancel, before its first message and after it', async () => {
    const { download, orders } = await refusing();
    orders.script = { answers: 0, hang: true };
    const arrived = vi.waitUntil(() => second.calls.length === 1);
    expect(codeOf(await download({ cancel: arrived }))).toBe(Status.CANCELLED);
    await vi.waitUntil(() => second.calls[0]?.cancelled === true);
    second.forget();
    orders.script = { answers: 1, hang: true };
    const played = await download({ cancel: 'onMessage' });
    expect([textsOf(played), codeOf(played)]).toEqual([['answer 0'], Status.CANCELLED]);
    await vi.waitUntil(() => second.calls[0]?.cancelled === true);
  });

  it('ends where a response mapper throws midway', async () => {
    const response = ({ text }: Answer) => {
      if (text === 'answer 1') throw new Error('no such text');
      return { text: `mapped ${text}` };
    };
    const { download, orders } = await refusing({ call: { response } });
    orders.script = { answers: 2, hang: true };
    const played = await download();
    expect([textsOf(played), codeOf(played)]).toEqual([['mapped answer 0'], Status.UNKNOWN]);
    await vi.waitUntil(() => second.calls[0]?.cancelled === true);
  });

  it('is waited for until its first message, as long as its source says; its breaker hears of what hangs', async () => {
    await steadily(async () => {
      second.forget();
      const { download, orders, breaker } = await refusing({ source: { timeout: '40ms' }, others });
      orders.script = { answers: 0, hang: true };
      for (let call = 0; call < 3; call++) expect(textsOf(await download())).toEqual(['default']);
      await vi.waitUntil(() => breaker(second.target, 'download').state === 'open');
      await vi.waitUntil(() => second.calls.every(({ cancelled }) => cancelled));
    });
  });

  it('may go on for longer than that once it has begun', async () => {
    await steadily(async () => {
      const { download, orders } = await refusing({ source: { timeout: '80ms' }, others });
      orders.script = { answers: 2, gapMs: 150 };
      expect(textsOf(await download())).toEqual(['answer 0', 'answer 1']);
    });
  });

  it('has its share of the deadline, all of it', async () => {
    await steadily(async () => {
      const { download, orders } = await refusing({ call: { share: '50%' } });
      orders.script = { answers: 2, gapMs: 2_000 };
      const played = await download({ options: { deadline: Date.now() + 300 } });
      expect([textsOf(played), codeOf(played)]).toEqual([['answer 0'], Status.DEADLINE_EXCEEDED]);
      expect(second.calls.at(-1)?.deadlineLeftMs).toBeLessThanOrEqual(150);
    });
  });

  it('whose first message reports a failure is passed over; later ones are delivered', async () => {
    const isBad = ({ text }: Answer) => bad.includes(text);
    const bad = ['answer 0'];
    const { download, orders } = await refusing({ policy: { failureWhen: isBad }, others });
    orders.script = { answers: 2, hang: true };
    expect(textsOf(await download())).toEqual(['default']);
    await vi.waitUntil(() => second.calls.at(-1)?.cancelled === true);
    bad.splice(0, 1, 'answer 1');
    orders.script = { answers: 2 };
    expect(textsOf(await download())).toEqual(['answer 0', 'answer 1']);
  });
});

it('a stream of requests cannot be answered by a call, and a policy that asks for it is refused', () => {
  const make = (method: 'Upload' | 'Chat') => () => answeredBy('127.0.0.1:1', { method });
  expect(make('Upload')).toThrow(
    'methods[0].fallback.sources[0].call: scripted.v1.Scripted/Upload streams its requests; a fallback call has one',
  );
  expect(make('Chat')).toThrow('sources[0].call: scripted.v1.Scripted/Chat streams its requests');
});

it('a single response and a stream do not answer for each other', () => {
  const make = (method: 'Unary' | 'Download', other: 'unary' | 'download') => () =>
    answeredBy('127.0.0.1:1', { method, call: { method: methodName(other) } });
  expect(make('Unary', 'download')).toThrow(
    'scripted.v1.Scripted/Unary has a single response, and scripted.v1.Scripted/Download does not',
  );
  expect(make('Download', 'unary')).toThrow(
    'scripted.v1.Scripted/Download streams its responses, and scripted.v1.Scripted/Unary does not',
  );
});
