import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LastGoodSource } from '../../src/fallback/last-good-source.ts';
import { MessageCodec } from '../../src/fallback/message-codec.ts';
import { fallbackOf } from '../../src/index.ts';
import type { FallbackCall } from '../../src/policy/ports.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { loadScripted, Scripted } from '../grpc/helpers/scripted-service.ts';
import { ask, remembering } from './helpers/asking.ts';
import { type SerialServer, startSerialServer } from './helpers/serial-server.ts';

// Which answers are stored, over real calls: good ones of the dependency itself, as copies that nobody shares.

const IRIS = { model_name: 'iris' };

let server: SerialServer;
beforeAll(async () => {
  server = await startSerialServer();
});
afterAll(() => server.stop());
/** Answers given before the test. */
let first = 0;
beforeEach(() => {
  server.next = {};
  first = server.answered;
});

/** The number at the end of an answer's text, of those that the test was given; the status where there is none. */
function numberIn(text: string): number | string {
  return /\d+$/.test(text) ? Number(text.split(' ').at(-1)) - first : text;
}

describe('never stored', () => {
  it.each([
    ['a failure', { code: Status.INTERNAL }, {}],
    ['an error that is an answer', { code: Status.NOT_FOUND }, {}],
    [
      'an answer that reports a failure',
      { answer: { note: 'broken' } },
      { failureWhen: (answer: { note?: string }) => answer.note === 'broken' },
    ],
    ['an answer that the policy judges to be a failure', {}, { classify: () => 'failure' as const }],
    ['an answer that the policy ignores', {}, { classify: () => 'ignored' as const }],
  ])('is %s', async (_name, behaviour, policy) => {
    const { client, refuse } = remembering(server.target, {}, { trip: { consecutiveFailures: 99 }, ...policy });
    server.next = behaviour;
    await ask(client, IRIS);
    refuse();
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });

  const marked = new Metadata();
  marked.set('grpc-breaker-fallback', 'message');
  it.each([
    ['headers', { headers: marked }],
    ['trailers', { trailers: marked }],
  ])('is an answer that says in its %s that it is a fallback', async (_name, behaviour) => {
    const { client, refuse } = remembering(server.target);
    server.next = behaviour;
    expect(numberIn((await ask(client, IRIS)).text)).toBe(1);
    refuse();
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });

  it('is the fallback of breakers further down, in the same process', async () => {
    const inner = remembering(server.target, {}, { fallback: { on: ['failed'], sources: [{ message: { text: 'inner' } }] } });
    const outer = remembering(server.target);
    const client = outer.connect(server.target, inner.breakers.clientOptions(server.target));
    // Attached last is innermost: the other way round it would be the inner ones that remember.
    const both = inner.connect(server.target, outer.breakers.clientOptions(server.target));
    server.next = { code: Status.UNAVAILABLE };
    expect((await ask(both, IRIS)).text).toBe('inner');
    server.next = { code: Status.UNAVAILABLE, headers: new Metadata() };
    expect((await ask(both, IRIS)).text).toBe('inner');
    outer.refuse();
    expect((await ask(both, IRIS)).text).toBe('UNAVAILABLE');
    expect((await ask(client, IRIS)).text).not.toBe('lastGood');
  });

  it('is what was itself served as the last good answer: its age goes on', async () => {
    const { client, clock, refuse, pass } = remembering(server.target, { maxAge: '10s' });
    await ask(client, IRIS);
    for (let time = 0; time < 3; time++) {
      clock.advance(3_000);
      refuse();
      expect(await ask(client, IRIS)).toMatchObject({ info: { ageMs: (time + 1) * 3_000 } });
      pass();
    }
    clock.advance(1_001);
    refuse();
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });
});

describe('copies', () => {
  it('what callers do to a response, delivered or served, changes no other', async () => {
    const { client, refuse } = remembering(server.target);
    server.next = { size: 4 };
    const good = await ask(client, IRIS);
    const original = structuredClone(good.answer);
    const spoil = (answer = good.answer) => {
      if (answer === undefined) return;
      answer.text = 'spoilt';
      answer.weights.push(7);
      answer.payload.fill(7);
    };
    spoil();
    refuse();
    for (let call = 0; call < 3; call++) {
      const { answer } = await ask(client, IRIS);
      expect({ ...answer, payload: [...(answer?.payload ?? [])] }).toEqual({
        ...original,
        payload: [...(original?.payload ?? [])],
      });
      spoil(answer);
    }
  });

  it('served at the same time are of each call its own', async () => {
    const { client, refuse } = remembering(server.target);
    server.next = { size: 4 };
    await ask(client, IRIS);
    refuse();
    const answers = (await Promise.all(Array.from({ length: 20 }, () => ask(client, IRIS)))).map(({ answer }) => answer);
    expect(new Set(answers).size).toBe(20);
    expect(new Set(answers.map((answer) => answer?.payload)).size).toBe(20);
    answers[0]?.payload.fill(9);
    for (const answer of answers.slice(1)) expect(answer?.payload[0]).not.toBe(9);
    for (const answer of answers) expect(fallbackOf(answer)?.source).toBe('lastGood');
  });

  it('are found by the request as it was sent, whatever becomes of it', async () => {
    const { client, refuse } = remembering(server.target);
    const question = { model_name: 'iris', owner: { tenant: 'acme' } };
    const pending = ask(client, question);
    question.model_name = 'other';
    question.owner.tenant = 'other';
    const { text } = await pending;
    refuse();
    expect((await ask(client, question)).text).toBe('UNAVAILABLE');
    expect((await ask(client, { model_name: 'iris', owner: { tenant: 'acme' } })).text).toBe(text);
  });
});

describe('modes and faults', () => {
  it('observing, answers are stored, and nothing that callers get is changed', async () => {
    const { client, refuse, breaker } = remembering(
      server.target,
      {},
      {
        mode: 'observe',
        trip: { consecutiveFailures: 1 },
        fallback: { on: ['rejected', 'failed'], sources: [{ lastGood: { maxAge: '1m' } }] },
      },
    );
    const good = await ask(client, IRIS);
    server.next = { code: Status.UNAVAILABLE };
    for (let call = 0; call < 3; call++) expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
    expect(breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 3, wouldReject: { open: 2 } });
    refuse();
    expect((await ask(client, IRIS)).text).toBe(good.text);
  });

  const { Unary } = Scripted.service;
  const registered = (responseSerialize: (answer: { text: string }) => Buffer) => ({
    services: [{ Unary: { ...Unary, responseSerialize } as NonNullable<typeof Unary> }],
  });

  it('a serialiser that throws costs the stored answer, said once, and no caller anything', async () => {
    const broken = registered(() => {
      throw new Error('cannot encode');
    });
    const { client, refuse, warnings } = remembering(server.target, {}, {}, broken);
    for (let call = 1; call <= 3; call++) expect(numberIn((await ask(client, IRIS)).text)).toBe(call);
    refuse();
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
    expect(warnings).toEqual([expect.stringMatching(/"lastGood" of .*\/Unary failed .*: cannot encode/)]);
  });

  it('a serialiser that throws leaves the answer that is stored', async () => {
    const sometimes = registered((answer) => {
      if (numberIn(answer.text) === 2) throw new Error('cannot encode');
      return (Unary as NonNullable<typeof Unary>).responseSerialize(answer);
    });
    const { client, refuse } = remembering(server.target, {}, {}, sometimes);
    for (let call = 0; call < 2; call++) await ask(client, IRIS);
    refuse();
    expect(numberIn((await ask(client, IRIS)).text)).toBe(1);
  });

  it('other stubs than the registered ones, which cannot copy the answer, cost the stored answer and not a field of it', async () => {
    const attached = remembering(server.target);
    const client = attached.connect(server.target, {}, loadScripted({ keepCase: false, defaults: true }));
    const question = { modelName: 'iris' } as object;
    server.next = { answer: { item_index: 7 } };
    expect(await ask(client, question)).toMatchObject({ answer: { itemIndex: 7 } });
    attached.refuse();
    expect((await ask(client, question)).text).toBe('UNAVAILABLE');
    expect(attached.warnings).toEqual([expect.stringMatching(/"lastGood" .*: the call was made with other stubs/)]);
  });

  it('other stubs that read the copy as the answer was are as good', async () => {
    const attached = remembering(server.target);
    const client = attached.connect(
      server.target,
      {},
      loadScripted({ keepCase: true, longs: Number, enums: Number, defaults: true }),
    );
    server.next = { size: 3, answer: { item_index: 7 } };
    const { answer } = await ask(client, IRIS);
    attached.refuse();
    expect((await ask(client, IRIS)).answer).toEqual(answer);
    expect(attached.warnings).toEqual([]);
  });
});

describe('memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  it('is held for the stored bytes, and not for the large buffer that a serialiser cut them from', async () => {
    const definition = Scripted.service['Unary'] as NonNullable<(typeof Scripted.service)[string]>;
    let pool: WeakRef<ArrayBuffer> | undefined;
    const responseSerialize = (answer: unknown) => {
      const bytes = definition.responseSerialize(answer);
      const large = new ArrayBuffer(1_000_000);
      pool = new WeakRef(large);
      bytes.copy(Buffer.from(large));
      return Buffer.from(large, 0, bytes.length);
    };
    const config = { maxAgeMs: 1e9, key: undefined, identity: [], maxEntries: 1_000, maxBytes: 1e9, refreshAfterMs: 0 };
    const basics = { name: 'lastGood', when: undefined, timeoutMs: undefined };
    const codec = new MessageCodec({ ...definition, responseSerialize });
    const source = new LastGoodSource(basics, config, undefined, codec, new ManualClock(), 0);
    source.store('key', { text: 'answer' }, 0, definition);
    await turns(2);
    collect();
    expect(pool?.deref()).toBeUndefined();
    const call = { key: { keys: ['key'], stubs: definition } } as unknown as FallbackCall;
    expect(source.answer(call)?.messages.map((bytes) => definition.responseDeserialize(bytes).text)).toEqual(['answer']);
  });
});
