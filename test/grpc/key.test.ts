import { Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRejection, type KeyPart, type MethodPolicyOptions, rejectionOf } from '../../src/index.ts';
import { attach, attachAll } from './helpers/attached.ts';
import { codeOf, type Plan, play } from './helpers/play.ts';
import { scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, loadScripted, methodName, type Question, receivesStream, sendsStream } from './helpers/scripted-service.ts';
import { StaticOwner, StaticQuestion, StaticScripted } from './helpers/static-stub.ts';

// What tells one breaker from another: the name of the breaker that a call falls under.

describe('the key of a call', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const TM: KeyPart[] = ['target', 'method'];
  const ROWS: readonly {
    name: string;
    key?: MethodPolicyOptions['key'];
    question?: Question;
    metadata?: Record<string, string>;
    expected: string;
  }[] = [
    { name: 'target and method', expected: 'TARGET/METHOD' },
    { name: 'the target alone', key: ['target'], expected: 'TARGET' },
    { name: 'the method alone', key: ['method'], expected: 'METHOD' },
    { name: 'a field', key: [...TM, 'request.model_name'], question: { model_name: 'iris' }, expected: 'TARGET/METHOD[iris]' },
    {
      name: 'two fields',
      key: [...TM, 'request.model_name', 'request.owner.tenant'],
      question: { model_name: 'iris', owner: { tenant: 'acme' } },
      expected: 'TARGET/METHOD[iris][acme]',
    },
    {
      name: 'a field that is missing',
      key: [...TM, 'request.owner.tenant'],
      question: { model_name: 'iris' },
      expected: 'TARGET/METHOD[]',
    },
    {
      name: 'a field that the type does not have',
      key: [...TM, 'request.nothing'],
      question: { model_name: 'iris' },
      expected: 'TARGET/METHOD[]',
    },
    {
      name: 'a field of a list',
      key: [...TM, 'request.watchers.1.tenant'],
      question: { watchers: [{ tenant: 'a' }, { tenant: 'b' }] },
      expected: 'TARGET/METHOD[b]',
    },
    { name: 'a number', key: [...TM, 'request.account'], question: { account: 42 }, expected: 'TARGET/METHOD[42]' },
    {
      name: 'a 64-bit number',
      key: [...TM, 'request.account'],
      question: { account: '9007199254740993' },
      expected: 'TARGET/METHOD[9007199254740993]',
    },
    {
      name: 'a message',
      key: [...TM, 'request.owner'],
      question: { owner: { tenant: 'acme' } },
      expected: 'TARGET/METHOD[{"tenant":"acme"}]',
    },
    { name: 'metadata', key: [...TM, 'metadata.x-tenant'], metadata: { 'x-tenant': 'acme' }, expected: 'TARGET/METHOD[acme]' },
    { name: 'metadata that is missing', key: [...TM, 'metadata.x-tenant'], expected: 'TARGET/METHOD[]' },
    {
      name: 'metadata and a field',
      key: [...TM, 'metadata.x-tenant', 'request.model_name'],
      question: { model_name: 'iris' },
      metadata: { 'x-tenant': 'acme' },
      expected: 'TARGET/METHOD[acme][iris]',
    },
    {
      name: 'a value with brackets',
      key: [...TM, 'request.model_name'],
      question: { model_name: 'a][b%' },
      expected: 'TARGET/METHOD[a%5D%5Bb%25]',
    },
    {
      name: 'a value that is not ASCII',
      key: [...TM, 'request.model_name'],
      question: { model_name: 'modèle ✓' },
      expected: 'TARGET/METHOD[modèle ✓]',
    },
    {
      name: 'a function',
      key: ({ target, method, request, metadata }) =>
        `${method}@${target}:${(request as Question).model_name}:${String(metadata.get('x-tenant')[0])}`,
      question: { model_name: 'iris' },
      metadata: { 'x-tenant': 'acme' },
      expected: 'METHOD@TARGET:iris:acme',
    },
  ];

  describe.each(CALL_TYPES)('%s', (type) => {
    it.each(ROWS)('$name', async ({ key, question = {}, metadata = {}, expected }) => {
      const attached = attach(key === undefined ? {} : { key });
      const sent = Metadata.fromHttp2Headers(metadata);
      const played = await play(attached.connect(server.target), type, { requests: [question], metadata: sent });
      expect(codeOf(played)).toBe(Status.OK);
      const name = expected.replace('TARGET', server.target).replace('METHOD', methodName(type));
      expect(attached.breakers.snapshot()).toMatchObject([{ name, counts: { success: 1 } }]);
      expect(attached.breakers.get(name)?.name).toBe(name);
      // A value that is missing may be a name that is misspelt.
      expect(attached.warnings).toEqual(expected.endsWith('[]') ? [expect.stringContaining('key found no value')] : []);
    });

    it('ends in a field that may be missing: no part of the name then, and nothing to warn of', async () => {
      const attached = attach({ key: [...TM, 'request.model_name?'] });
      const client = attached.connect(server.target);
      await play(client, type, { requests: [{}] });
      await play(client, type, { requests: [{ model_name: 'iris' }] });
      const name = `${server.target}/${methodName(type)}`;
      expect(attached.breakers.list().map((breaker) => breaker.name)).toEqual([name, `${name}[iris]`]);
      expect(attached.warnings).toEqual([]);
    });

    it('of one model opens for that model only, and the rejection names it', async () => {
      const attached = attach({ key: [...TM, 'request.model_name'], trip: { consecutiveFailures: 1 } });
      const client = attached.connect(server.target);
      const broken = { requests: [{ model_name: 'modèle [x]' }], metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) };
      await play(client, type, broken);
      server.forget();
      const { sights } = await play(client, type, broken);
      const error = sights.find(([what]) => what === 'callback' || what === 'error')?.[1];
      expect(error).toMatchObject({ code: Status.UNAVAILABLE, details: expect.stringContaining('[modèle %5Bx%5D] is open') });
      expect(codeOf(await play(client, type, { requests: [{ model_name: 'iris' }] }))).toBe(Status.OK);
      expect(server.calls).toHaveLength(1);
    });

    const FUNCTIONS: readonly { name: string; key: () => unknown }[] = [
      {
        name: 'throws',
        key: () => {
          throw new Error('broken');
        },
      },
      { name: 'returns no text', key: () => 42 },
      { name: 'returns nothing', key: () => undefined },
      { name: 'returns an empty text', key: () => '' },
      { name: 'is asynchronous', key: async () => 'later' },
    ];
    it.each(FUNCTIONS)('by a function that $name: target and method, said once', async ({ key }) => {
      const attached = attach({ key: key as () => string });
      const client = attached.connect(server.target);
      for (let call = 0; call < 3; call++) expect(codeOf(await play(client, type))).toBe(Status.OK);
      expect(attached.breaker(server.target, type).snapshot().counts.success).toBe(3);
      expect(attached.warnings).toEqual([expect.stringContaining('key')]);
    });

    it('is read from the request as each kind of stub has it', async () => {
      const key = [...TM, 'request.model_name', 'request.owner.tenant'];
      const camel = attach({ key: key as KeyPart[] });
      const plain = { modelName: 'iris', owner: { tenant: 'acme' } } as Question;
      await play(camel.connect(server.target, {}, loadScripted({})), type, { requests: [plain] });
      const static_ = attach({ key: key as KeyPart[] });
      const message = new StaticQuestion().setModelName('iris').setOwner(new StaticOwner({ tenant: 'acme' }));
      await play(static_.connect(server.target, {}, StaticScripted), type, { requests: [message as unknown as Question] });
      for (const { breakers } of [camel, static_])
        expect(breakers.list().map(({ name }) => name)).toEqual([`${server.target}/${methodName(type)}[iris][acme]`]);
    });
  });

  it.each(CALL_TYPES.filter(sendsStream))(
    'a stream without a request falls under the empty value, and works (%s)',
    async (type) => {
      const attached = attach({ key: [...TM, 'request.model_name'] });
      const played = await play(attached.connect(server.target), type, { requests: [], metadata: scripted({ answers: 1 }) });
      expect(codeOf(played)).toBe(Status.OK);
      expect(attached.breaker(server.target, type, '[]').snapshot().counts.success).toBe(1);
    },
  );

  it('only the first request of a stream counts', async () => {
    const attached = attach({ key: [...TM, 'request.model_name'] });
    const requests = ['one', 'two', 'three'].map((model_name) => ({ model_name }));
    server.forget();
    await play(attached.connect(server.target), 'chat', { requests, metadata: scripted({ echo: true }) });
    expect(server.calls[0]?.received).toMatchObject(requests);
    expect(attached.breakers.list().map(({ name }) => name)).toEqual([`${server.target}/${methodName('chat')}[one]`]);
  });

  it.each(CALL_TYPES.filter((type) => sendsStream(type)))(
    'a stream on which nothing is written ends at its deadline (%s)',
    async (type) => {
      const attached = attach({ key: [...TM, 'request.model_name'], deadline: '60ms' });
      const plan: Plan = { requests: [], keepOpen: true };
      const played = await play(attached.connect(server.target), type, plan);
      expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
      expect(played.durationMs).toBeLessThan(1_000);
      expect(played.sights.map(([what]) => what)).toEqual(
        receivesStream(type) ? ['error', 'status', 'end'] : ['callback', 'status'],
      );
    },
  );

  it('breakers are bounded in number; those beyond share one', async () => {
    const attached = attachAll({
      maxBreakers: 10,
      methods: [{ key: [...TM, 'request.model_name'], trip: { consecutiveFailures: 3 }, openFor: '1h', backoff: { max: '1h' } }],
    });
    const client = attached.connect(server.target);
    for (let model = 0; model < 100; model++) {
      const failing = {
        requests: [{ model_name: `model ${model}` }],
        metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }),
      };
      // The first ten are open, so that they cannot make room.
      for (let call = 0; call < (model < 10 ? 3 : 1); call++) await play(client, 'unary', failing);
    }
    expect(attached.breakers.list()).toHaveLength(11);
    expect(attached.breakers.get('_OTHER')?.state).toBe('open');
    const { sights } = await play(client, 'unary', { requests: [{ model_name: 'yet another' }] });
    const error = sights[0]?.[0] === 'callback' ? sights[0][1] : undefined;
    expect(error).toMatchObject({ details: expect.stringContaining('_OTHER') });
  });

  it('idle breakers make room for new ones', async () => {
    const attached = attachAll({ maxBreakers: 10, methods: [{ key: [...TM, 'request.model_name'] }] });
    const client = attached.connect(server.target);
    for (let model = 0; model < 60; model++) await play(client, 'unary', { requests: [{ model_name: `model ${model}` }] });
    expect(attached.breakers.list()).toHaveLength(10);
    expect(attached.breakers.get(`${server.target}/${methodName('unary')}[model 59]`)).toBeDefined();
    expect(attached.breakers.get('_OTHER')).toBeUndefined();
  });

  it('values of any length and kind make names of a bounded length, each its own', async () => {
    const attached = attach({ key: [...TM, 'request.model_name'] });
    const client = attached.connect(server.target);
    const models = ['x'.repeat(5_000), `${'x'.repeat(5_000)}y`, 'a\nb\u0000c', 'x'.repeat(128)];
    for (const model_name of models) await play(client, 'unary', { requests: [{ model_name }] });
    const names = attached.breakers.list().map(({ name }) => name.replace(`${server.target}/${methodName('unary')}`, ''));
    expect(new Set(names).size).toBe(models.length);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(130);
    expect(names[2]).toBe('[a%0Ab%00c]');
    expect(names[3]).toBe(`[${'x'.repeat(128)}]`);
  });

  it('rejectionOf gives the name back as it is', async () => {
    const attached = attach({ key: [...TM, 'request.model_name'] });
    const client = attached.connect(server.target);
    const question = { model_name: 'modèle ✓ 100%' };
    await play(client, 'unary', { requests: [question] });
    const name = attached.breakers.list()[0]?.name as string;
    attached.breakers.get(name)?.trip('by the test');
    const error = await new Promise((resolve) => client.unary(question, new Metadata(), {}, resolve));
    expect(isRejection(error)).toBe(true);
    expect(rejectionOf(error)?.breaker).toBe(name);
  });
});
