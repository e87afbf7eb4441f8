import { assert, constantFrom, dictionary, option, property, record, string, subarray, tuple, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastGoodKey } from '../../src/fallback/last-good-key.ts';
import type { LastGoodOptions } from '../../src/index.ts';
import type { AskedCall } from '../../src/policy/ports.ts';
import { type Question, Scripted } from '../grpc/helpers/scripted-service.ts';
import { ScriptedService, StaticOwner, StaticQuestion, StaticScripted } from '../grpc/helpers/static-stub.ts';
import { ask, remembering } from './helpers/asking.ts';
import { type SerialServer, startSerialServer } from './helpers/serial-server.ts';

// Which requests are the same question. Who asks is in last-good-identity.test.ts.

let server: SerialServer;
beforeAll(async () => {
  server = await startSerialServer();
});
afterAll(() => server.stop());

/** Whether the answer to one request is served to another. */
async function shares(lastGood: Partial<LastGoodOptions>, stored: Question, asked: Question): Promise<boolean> {
  const { client, refuse, warnings } = remembering(server.target, lastGood);
  const { text } = await ask(client, stored);
  refuse();
  const served = await ask(client, asked);
  expect(warnings).toEqual([]);
  expect([text, 'UNAVAILABLE']).toContain(served.text);
  return served.text === text;
}

const FULL: Question = { model_name: 'iris', owner: { tenant: 'acme', priority: 1 }, payload: Buffer.from([1, 2]), account: '7' };

describe('all of the request', () => {
  it.each<[string, Question, Question, boolean]>([
    ['the same fields', FULL, { ...FULL, payload: Buffer.from([1, 2]), owner: { priority: 1, tenant: 'acme' } }, true],
    ['nothing', {}, {}, true],
    ['another text', FULL, { ...FULL, model_name: 'iris2' }, false],
    ['another nested field', FULL, { ...FULL, owner: { tenant: 'acme', priority: 2 } }, false],
    ['other bytes', FULL, { ...FULL, payload: Buffer.from([1, 3]) }, false],
    ['one field less', FULL, { ...FULL, account: 0 }, false],
    ['the text in another field', { model_name: 'a' }, { owner: { tenant: 'a' } }, false],
    ['an empty message for none', { model_name: 'a' }, { model_name: 'a', owner: {} }, false],
  ])('with %s', async (_name, stored, asked, expected) => {
    expect(await shares({}, stored, asked)).toBe(expected);
    expect(await shares({ key: 'request' }, stored, asked)).toBe(expected);
  });
});

describe('named fields', () => {
  it.each<[string, string[], Question, Question, boolean]>([
    ['the field alone counts', ['model_name'], { model_name: 'a', account: 1 }, { model_name: 'a', account: 2 }, true],
    ['another value', ['model_name'], { model_name: 'a' }, { model_name: 'b' }, false],
    ['a nested field', ['owner.tenant'], { owner: { tenant: 'a', priority: 1 } }, { owner: { tenant: 'a', priority: 2 } }, true],
    ['another nested value', ['owner.tenant'], { owner: { tenant: 'a' } }, { owner: { tenant: 'b' } }, false],
    [
      'a field of an element',
      ['watchers.0.tenant'],
      { watchers: [{ tenant: 'a' }, { tenant: 'x' }] },
      { watchers: [{ tenant: 'a' }] },
      true,
    ],
    [
      'another element',
      ['watchers.1.tenant'],
      { watchers: [{}, { tenant: 'a' }] },
      { watchers: [{ tenant: 'a' }, { tenant: 'b' }] },
      false,
    ],
    ['a list by its content', ['watchers'], { watchers: [{ tenant: 'a' }] }, { watchers: [{ tenant: 'a' }] }, true],
    ['a longer list', ['watchers'], { watchers: [{ tenant: 'a' }] }, { watchers: [{ tenant: 'a' }, { tenant: 'a' }] }, false],
    ['a message by its content', ['owner'], { owner: { tenant: 'a' } }, { owner: { tenant: 'a' } }, true],
    ['bytes by their content', ['payload'], { payload: Buffer.from([1, 2]) }, { payload: Buffer.from([1, 2]) }, true],
    ['other bytes', ['payload'], { payload: Buffer.from([1, 2]) }, { payload: Buffer.from([1]) }, false],
    [
      'values that only together are the same',
      ['model_name', 'owner.tenant'],
      { model_name: 'ab', owner: { tenant: 'c' } },
      { model_name: 'a', owner: { tenant: 'bc' } },
      false,
    ],
    [
      'values that only look the same when strung together',
      ['model_name', 'owner.tenant'],
      { model_name: 'a:sb' },
      { model_name: 'a', owner: { tenant: 'b:-' } },
      false,
    ],
    ['a number and its text', ['account'], { account: 7 }, { account: '7' }, false],
    ['a text that looks like none', ['model_name', 'account'], { model_name: '-', account: 1 }, { account: 1 }, false],
    ['a field that neither has beside one', ['model_name', 'owner.tenant'], { model_name: 'a' }, { model_name: 'a' }, true],
  ])('%s', async (_name, key, stored, asked, expected) => {
    expect(await shares({ key }, stored, asked)).toBe(expected);
  });

  it('that a request has none of store nothing, and say so once', async () => {
    const attached = remembering(server.target, { key: ['owner'] });
    const client = attached.connect(server.target);
    for (const name of ['a', 'b', 'b']) await ask(client, { model_name: name });
    attached.refuse();
    expect((await ask(client, { model_name: 'b' })).error?.code).toBe(14);
    expect(attached.warnings).toEqual([expect.stringMatching(/none of the fields of its key.*owner/)]);
  });

  it('are found in generated classes, by their getters', async () => {
    const attached = remembering(server.target, { key: ['model_name', 'owner.tenant'] }, {}, { services: [ScriptedService] });
    const client = attached.connect(server.target, {}, StaticScripted);
    const question = (name: string, tenant: string) =>
      new StaticQuestion().setModelName(name).setOwner(new StaticOwner({ tenant })) as Question;
    await ask(client, question('iris', 'acme'));
    attached.refuse();
    const texts = [];
    for (const asked of [question('iris', 'acme'), question('iris', 'other'), question('other', 'acme')])
      texts.push((await ask(client, asked)).error?.code ?? 'served');
    expect(texts).toEqual(['served', 14, 14]);
    expect(attached.warnings).toEqual([]);
  });
});

describe('a function', () => {
  it('makes the key of request and metadata, by name or as it is', async () => {
    const key: NonNullable<LastGoodOptions['key']> = ({ model_name }: Question, metadata: AskedCall['metadata']) =>
      `${model_name?.toLowerCase()}/${metadata.get('x-region').join()}`;
    for (const given of [key, 'by-region']) {
      const { client, refuse } = remembering(server.target, { key: given }, {}, { functions: { 'by-region': key } });
      const { text } = await ask(client, { model_name: 'Iris' });
      refuse();
      expect((await ask(client, { model_name: 'IRIS', account: 5 })).text).toBe(text);
      expect((await ask(client, { model_name: 'other' })).text).toBe('UNAVAILABLE');
    }
  });

  it('that returns undefined leaves the call out, without a word', async () => {
    const key = ({ model_name }: Question) => (model_name === 'secret' ? undefined : 'one for all');
    const { client, refuse, warnings } = remembering(server.target, { key });
    await ask(client, { model_name: 'secret' });
    refuse();
    expect((await ask(client, { model_name: 'secret' })).text).toBe('UNAVAILABLE');
    expect((await ask(client, { model_name: 'iris' })).text).toBe('UNAVAILABLE');
    expect(warnings).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no key');
      },
    ],
    ['returns a number', () => 7],
    ['is asynchronous', async () => 'late'],
    ['is asynchronous and rejects', () => Promise.reject(new Error('late'))],
  ])('that %s costs the stored answer, said once, and no caller anything', async (_name, broken) => {
    const { client, refuse, warnings } = remembering(server.target, { key: broken as () => string });
    for (let call = 0; call < 3; call++) expect((await ask(client)).error).toBeUndefined();
    refuse();
    expect((await ask(client)).text).toBe('UNAVAILABLE');
    expect(warnings).toEqual([expect.stringMatching(/fallback source "lastGood" of .* \(said once\)/)]);
  });
});

describe('the key as a text', () => {
  const stubs = Scripted.service['Unary'] as NonNullable<(typeof Scripted.service)[string]>;
  const values = (entries: Record<string, string[]>): AskedCall['metadata'] => ({ get: (key) => entries[key] ?? [] });
  const text = string({ maxLength: 6, unit: constantFrom('a', '1', ':', '|', '-', 's') });
  const call = record({
    target: text,
    credentials: string({ minLength: 1, maxLength: 3, unit: constantFrom('1', '/', ':') }),
    one: option(text),
    two: option(text),
    model_name: option(text, { nil: undefined }),
    tenant: option(text, { nil: undefined }),
    payload: uint8Array({ maxLength: 2 }),
  });
  const IDENTITY = ['one', 'two'];
  type Call = typeof call extends { generate: (...args: never[]) => { value: infer T } } ? T : never;

  /** What two calls must agree in to have the same answer. */
  const sameness = ({ target, credentials, one, two, model_name, tenant }: Call) =>
    JSON.stringify([target, credentials, one, two, model_name ?? null, tenant ?? null]);

  it('is the same for the same question of the same caller only', () => {
    const keyOf = ({ target, credentials, one, two, model_name, tenant, payload }: Call, key: string[][] | undefined) => {
      const metadata = values({ ...(one !== null && { one: [one] }), ...(two !== null && { two: [two] }) });
      const request = { model_name, owner: { tenant }, payload: Buffer.from(payload) };
      return lastGoodKey({ identity: IDENTITY }, key, { target, credentials, metadata, stubs, request });
    };
    const fields = [['model_name'], ['owner', 'tenant']];
    /** Two calls that differ in few fields, or in none. */
    const pairs = tuple(
      call,
      call,
      subarray(['target', 'credentials', 'one', 'two', 'model_name', 'tenant', 'payload'] as const),
    );
    assert(
      property(pairs, ([left, other, changed]) => {
        const right = { ...left, ...Object.fromEntries(changed.map((field) => [field, other[field]])) };
        const hasField = [left, right].every(({ model_name, tenant }) => model_name !== undefined || tenant !== undefined);
        if (hasField) expect(keyOf(left, fields) === keyOf(right, fields)).toBe(sameness(left) === sameness(right));
        const wire = (asked: Call) => sameness(asked) + asked.payload.join();
        expect(keyOf(left, undefined) === keyOf(right, undefined)).toBe(wire(left) === wire(right));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never long', () => {
    assert(
      property(dictionary(string(), string({ maxLength: 2_000 })), (entries) => {
        const metadata = values({ one: Object.values(entries) });
        const asked = { target: 't'.repeat(500), credentials: '1', metadata, stubs, request: { model_name: 'm'.repeat(9_999) } };
        for (const key of [undefined, [['model_name']], () => 'k'.repeat(5_000)])
          expect(lastGoodKey({ identity: IDENTITY }, key, asked)?.length).toBeLessThanOrEqual(250);
      }),
    );
  });
});
