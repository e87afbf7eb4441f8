import { credentials, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FallbackContext } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { steadily, turns } from '../grpc/helpers/quiet.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { type Answer, methodName, type Question } from '../grpc/helpers/scripted-service.ts';
import { TsScripted } from '../grpc/helpers/ts-proto-stub.ts';
import { type Asked, type Asker, ask } from './helpers/asking.ts';
import { answeredBy, type SecondOptions } from './helpers/second-server.ts';

// Fallback calls over real servers: the first one refuses or fails, the second one answers.

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

/** A client of the first server that refuses its calls, and what the second one does in its place. */
async function refusing(given: SecondOptions = {}) {
  const attached = answeredBy(second.target, given);
  await attached.open(first.target, ['unary']);
  first.forget();
  const client = attached.connect(first.target);
  return { ...attached, client, ask: (question?: Question, asker?: Asker): Promise<Asked> => ask(client, question, asker) };
}

describe('a refused call is answered by', () => {
  it('the same method of another server, with its request and its metadata', async () => {
    const { ask, warnings } = await refusing();
    const question = { model_name: 'iris', account: '9007199254740993', owner: { tenant: 'a', priority: 2 } };
    const { text, info } = await ask(question, { authorization: 'Bearer alice' });
    expect(text).toBe('answer 0');
    expect(info).toMatchObject({ source: 'call', reason: 'rejected', breaker: `${first.target}/${methodName('unary')}` });
    expect(first.calls).toEqual([]);
    expect(second.calls).toHaveLength(1);
    expect(second.calls[0]).toMatchObject({ path: `/${methodName('unary')}`, received: [question] });
    expect(second.calls[0]?.metadata.get('authorization')).toEqual(['Bearer alice']);
    expect(warnings).toEqual([]);
  });

  it('one without its metadata, where the policy says so', async () => {
    const { ask } = await refusing({ call: { forwardMetadata: false } });
    expect((await ask({}, { authorization: 'Bearer alice' })).text).toBe('answer 0');
    expect(second.calls[0]?.metadata.get('authorization')).toEqual([]);
  });

  it('another method, with mappers by their registered names', async () => {
    const seen: unknown[] = [];
    const functions = {
      toSmall: (request: Question, context: FallbackContext) => {
        seen.push(context.cause, context.deadlineLeftMs, context.signal.aborted);
        return { ...request, model_name: `${request.model_name}-small` };
      },
      fromSmall: (response: Answer, request: Question) => ({ text: `${request.model_name}: ${response.text}`, rank: 3 }),
    };
    const call = { method: methodName('unary'), request: 'toSmall', response: 'fromSmall' };
    const { ask } = await refusing({ call, options: { functions } });
    const asked = await ask({ model_name: 'iris', owner: { tenant: 'a' } });
    expect(asked.answer).toMatchObject({ text: 'iris: answer 0', rank: 3 });
    expect(second.calls[0]?.received).toMatchObject([{ model_name: 'iris-small', owner: { tenant: 'a' } }]);
    expect(seen).toEqual(['rejected', Infinity, false]);
  });

  it('a call for callers with other stubs than the registered ones', async () => {
    const attached = answeredBy(second.target);
    await attached.open(first.target, ['unary']);
    const client = attached.connect(first.target, {}, TsScripted);
    const question = { modelName: 'iris', payload: Buffer.from('x'), account: 5, watchers: [] };
    const { answer } = await ask(client, question);
    expect(answer).toMatchObject({ text: 'answer 0', itemIndex: 0 });
    expect(second.calls[0]?.received).toMatchObject([{ model_name: 'iris', payload: Buffer.from('x'), account: '5' }]);
  });
});

describe('a failed call is answered', () => {
  it('and its status is what the fallback is asked for', async () => {
    const attached = answeredBy(second.target);
    const client = attached.connect(first.target);
    const metadata = scripted({ answers: 0, code: Status.UNAVAILABLE });
    const { text, info } = await ask(client, {}, { metadata });
    expect([text, info?.reason]).toEqual(['answer 0', 'failed']);
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });
});

describe('the breaker of the fallback call', () => {
  it('is its own, by the other target: it trips by itself, and what it refuses is for the next source', async () => {
    const { ask, breaker, orders, warnings } = await refusing({ others: [{ message: { text: 'default' } }] });
    orders.script = { answers: 0, code: Status.UNAVAILABLE, details: 'sick' };
    const got: (string | undefined)[] = [];
    for (let call = 0; call < 5; call++) got.push((await ask()).text);
    expect(got).toEqual(Array<string>(5).fill('default'));
    expect(second.calls).toHaveLength(3);
    expect(breaker(second.target, 'unary').snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 3, success: 0, rejected: { open: 2 } },
    });
    expect(breaker(first.target, 'unary').snapshot().counts).toMatchObject({ failure: 0, success: 1, rejected: { open: 5 } });
    expect(warnings).toEqual([
      `fallback source "call" of ${methodName('unary')} failed and is passed over (said once): 14 UNAVAILABLE: sick`,
    ]);
  });

  it('has the key of its request', async () => {
    const policy = { key: ['target', 'method', 'request.model_name'] } as const;
    const attached = answeredBy(second.target, { policy });
    const client = attached.connect(first.target);
    const metadata = () => scripted({ answers: 0, code: Status.UNAVAILABLE });
    await ask(client, { model_name: 'iris' }, { metadata: metadata() });
    await ask(client, { model_name: 'wine' }, { metadata: metadata() });
    const names = attached.breakers.list().map(({ name }) => name);
    const method = methodName('unary');
    expect(names.sort()).toEqual(
      [first, second].flatMap(({ target }) => [`${target}/${method}[iris]`, `${target}/${method}[wine]`]).sort(),
    );
    expect(attached.warnings).toEqual([]);
  });

  it('hears that a server which hangs took too long, each time', async () => {
    await steadily(async () => {
      const { ask, breaker, orders } = await refusing({ source: { timeout: '30ms' } });
      orders.script = { answers: 0, hang: true };
      for (let call = 0; call < 4; call++) expect((await ask()).text).toBe('UNAVAILABLE');
      expect(breaker(second.target, 'unary').snapshot()).toMatchObject({ state: 'open', counts: { failure: 3 } });
    });
  });

  it('gives it no fallback: its own refusal is no answer, and nothing goes round', async () => {
    const { ask, breaker } = await refusing();
    await ask();
    breaker(second.target, 'unary').trip('by the test');
    second.forget();
    const { text, error } = await ask();
    expect(text).toBe('UNAVAILABLE');
    // Its caller hears of the breaker that it asked.
    expect(error?.details).toContain(first.target);
    expect([first.calls, second.calls]).toEqual([[], []]);
  });
});

describe('the time of a fallback call', () => {
  it('is its share of what is left of the deadline', async () => {
    const { ask } = await refusing({ call: { share: '50%' } });
    expect((await ask({}, { options: { deadline: Date.now() + 600 } })).text).toBe('answer 0');
    const [call] = second.calls;
    expect(call?.deadlineLeftMs).toBeLessThanOrEqual(300);
    expect(call?.deadlineLeftMs).toBeGreaterThan(200);
  });

  it('is all that is left by default, a second at most where nobody says', async () => {
    const { ask } = await refusing();
    await ask({}, { options: { deadline: Date.now() + 600 } });
    await ask();
    expect(second.calls.map(({ deadlineLeftMs }) => Math.ceil(deadlineLeftMs / 500))).toEqual([2, 2]);
  });

  it('ends with the timeout of its source; the next one answers', async () => {
    await steadily(async () => {
      const { ask, orders, warnings } = await refusing({
        source: { timeout: '40ms' },
        others: [{ message: { text: 'default' } }],
      });
      orders.script = { answers: 0, hang: true };
      const startedAt = performance.now();
      expect((await ask({}, { options: { deadline: Date.now() + 5_000 } })).text).toBe('default');
      expect(performance.now() - startedAt).toBeLessThan(200);
      expect(second.calls[0]?.deadlineLeftMs).toBeLessThanOrEqual(40);
      expect(warnings).toEqual([expect.stringMatching(/"call" of .* \(said once\): no answer within 40 ms$/)]);
    });
  });

  it('ends with the caller’s cancel: the second server is told, no other source is asked', async () => {
    let asked = 0;
    const { client, orders, breaker, warnings } = await refusing({ others: [{ function: () => void asked++ }] });
    orders.script = { answers: 0, hang: true };
    const code = await new Promise((resolve) => {
      const call = client.unary({}, scripted({}), {}, (error) => resolve(error?.code));
      void vi.waitUntil(() => second.calls.length === 1).then(() => call.cancel());
    });
    expect(code).toBe(Status.CANCELLED);
    await vi.waitUntil(() => second.calls[0]?.cancelled === true);
    await turns(3);
    expect([asked, warnings]).toEqual([0, []]);
    expect(breaker(second.target, 'unary').snapshot().counts).toMatchObject({ failure: 0 });
  });

  it('ends with staleAfter, and what comes later is not delivered', async () => {
    await steadily(async () => {
      const policy = { staleAfter: '60ms' } as const;
      const { ask, orders } = await refusing({ policy });
      orders.script = { delayMs: 10 };
      expect((await ask()).text).toBe('answer 0');
      expect(second.calls[0]?.deadlineLeftMs).toBeLessThanOrEqual(60);
      orders.script = { delayMs: 200 };
      expect((await ask()).text).toBe('UNAVAILABLE');
    });
  });

  it('counts until its answer is delivered, also where this process was late', async () => {
    const clock = new ManualClock(1_000);
    let lateMs = 60;
    const response = ({ text }: Answer) => {
      clock.advance(lateMs);
      return { text };
    };
    const policy = { staleAfter: '60ms' } as const;
    const { ask } = await refusing({
      call: { response },
      policy,
      options: { clock },
      others: [{ message: { text: 'default' } }],
    });
    expect((await ask()).text).toBe('answer 0');
    lateMs = 60.001;
    expect((await ask()).text).toBe('default');
  });
});

describe('a fallback call is refused', () => {
  it('where it would be the same call again, with one warning', async () => {
    const { ask, warnings } = await refusing({
      call: { client: { target: first.target, credentials: credentials.createInsecure() } },
      others: [{ message: { text: 'default' } }],
    });
    expect([(await ask()).text, (await ask()).text]).toEqual(['default', 'default']);
    expect(first.calls).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining(`it would ask the same method of the same target (${first.target}) again`),
    ]);
  });

  it('after dispose, which ends its connection', async () => {
    const { ask, breakers, warnings } = await refusing();
    const before = second.connections;
    await ask();
    expect(second.connections).toBe(before + 1);
    breakers.dispose();
    await vi.waitUntil(() => second.connections === before);
    expect((await ask()).text).toBe('UNAVAILABLE');
    expect(warnings).toEqual([
      expect.stringContaining('the breakers are disposed of, and the clients of their fallbacks closed'),
    ]);
  });
});

describe('an answer of a fallback call is none', () => {
  const others = [{ message: { text: 'default' } }];

  it('where it reports a failure under status OK', async () => {
    const { ask, breaker, warnings } = await refusing({ policy: { failureWhen: 'response.text' }, others });
    expect((await ask()).text).toBe('default');
    expect(breaker(second.target, 'unary').snapshot().counts).toMatchObject({ failure: second.calls.length });
    expect(warnings).toEqual([expect.stringContaining('its response reports a failure')]);
  });

  it.each<[string, NonNullable<SecondOptions['call']>, string]>([
    ['whose request mapper throws', { request: () => JSON.parse('') }, 'Unexpected end of JSON input'],
    ['whose request mapper is asynchronous', { request: async () => ({}) }, 'must return it at once, and no promise'],
    ['whose response mapper is asynchronous', { response: async () => ({}) }, 'must return it at once, and no promise'],
    ['whose response mapper gives what does not fit', { response: () => ({ text: {}, weights: 5 }) }, '.'],
  ])('%s', async (_, call, warning) => {
    const { ask, warnings } = await refusing({ call, others });
    expect((await ask()).text).toBe('default');
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });
});
