import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackOf, isRejection, type MethodPolicyOptions, rejectionOf } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { steadily, turns } from '../grpc/helpers/quiet.ts';
import { type Script, scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, methodName, type Question, receivesStream, SCRIPTED } from '../grpc/helpers/scripted-service.ts';

// Sources are asked one after the other; one that is broken costs its callers nothing but its answer.

const FAILING: Script = { answers: 0, code: Status.UNAVAILABLE };

describe.each(CALL_TYPES)('a chain of sources (%s)', (type) => {
  const isStream = receivesStream(type);
  const method = methodName(type).split('/')[1] as string;
  const fits = (text: string) => (isStream ? [{ text }] : { text });
  const good: FallbackSourceOptions = {
    name: 'good',
    ...(isStream ? { messages: [{ text: 'good' }] } : { message: { text: 'good' } }),
  };
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  async function open(sources: FallbackSourceOptions[], policy: MethodPolicyOptions = {}) {
    const attached = attachAll({
      methods: [
        {
          jitter: 0,
          openFor: '1h',
          backoff: { max: '1h' },
          ...policy,
          name: [{ service: SCRIPTED, method }],
          fallback: { on: ['rejected', 'failed'], sources },
        },
      ],
    });
    await attached.open(server.target, [type]);
    return { attached, client: attached.connect(server.target) };
  }

  const BROKEN: readonly { name: string; function: () => unknown }[] = [
    {
      name: 'throws',
      function: () => {
        throw new Error('broken');
      },
    },
    { name: 'rejects', function: () => Promise.reject(new Error('broken')) },
    {
      name: 'throws something that is no error',
      function: () => {
        throw 'broken';
      },
    },
    { name: 'rejects later', function: () => new Promise((_, reject) => setTimeout(() => reject(new Error('broken')), 5)) },
    { name: 'returns null', function: () => null },
    { name: 'returns a text', function: () => 'hold' },
    { name: 'returns something of another shape', function: () => (isStream ? { text: 'not a list' } : 42) },
    { name: 'returns a message that does not fit', function: () => (isStream ? [{ owner: 'acme' }] : { owner: 'acme' }) },
    { name: 'promises a message that does not fit', function: async () => (isStream ? [{ owner: 'acme' }] : { owner: 'acme' }) },
    {
      name: 'has a then that throws',
      function: () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- what is not quite a promise is the point
        then: () => {
          throw new Error('broken');
        },
      }),
    },
  ];

  it.each(BROKEN)('passes over one that $name, and says so once', async (source) => {
    const { attached, client } = await open([{ name: 'bad', function: source.function }, good]);
    for (let call = 0; call < 3; call++) {
      const [message] = messagesOf(await play(client, type));
      expect(fallbackOf(message)?.source).toBe('good');
    }
    expect(attached.warnings).toEqual([
      expect.stringMatching(/fallback source "bad" of .* failed and is passed over \(said once\)/),
    ]);
  });

  it('passes over one that has no answer, without a word', async () => {
    for (const nothing of [() => undefined, async () => undefined]) {
      const { attached, client } = await open([{ name: 'empty', function: nothing }, good]);
      expect(messagesOf(await play(client, type))[0]?.text).toBe('good');
      expect(attached.warnings).toEqual([]);
    }
  });

  it('asks no further than the first with an answer', async () => {
    const asked: string[] = [];
    const source = (name: string, answer: unknown): FallbackSourceOptions => ({
      name,
      function: () => {
        asked.push(name);
        return answer;
      },
    });
    const { client } = await open([
      source('one', undefined),
      source('two', Promise.resolve(undefined)),
      source('three', fits('three')),
      source('four', fits('four')),
    ]);
    expect(messagesOf(await play(client, type))[0]?.text).toBe('three');
    expect(asked).toEqual(['one', 'two', 'three']);
  });

  it('of nothing but broken ones leaves the rejection, or the call’s own failure', async () => {
    const { attached, client } = await open(
      BROKEN.slice(0, 2).map((source, index) => ({ name: `bad-${index}`, function: source.function })),
    );
    const rejected = await play(client, type);
    expect(rejectionOf(rejected.error)).toMatchObject({ breaker: `${server.target}/${methodName(type)}`, reason: 'open' });
    attached.breaker(server.target, type).reset();
    const failed = await play(client, type, { metadata: scripted({ ...FAILING, details: 'sick' }) });
    expect(failed.sights.find(([what]) => what === 'status')?.[1]).toMatchObject({ code: Status.UNAVAILABLE, details: 'sick' });
    expect(isRejection(failed.error)).toBe(false);
    expect(attached.warnings).toHaveLength(2);
  });

  it('waits for a slow one until the call’s deadline', async () => {
    const slow = (ms: number) => () => new Promise((resolve) => setTimeout(() => resolve(fits('slow')), ms));
    const { client } = await open([{ name: 'slow', function: slow(30) }, good]);
    expect(messagesOf(await play(client, type, { options: { deadline: Date.now() + 2_000 } }))[0]?.text).toBe('slow');
    const slower = await open([{ name: 'slow', function: slow(400) }, good]);
    const played = await play(slower.client, type, { options: { deadline: Date.now() + 20 } });
    expect(messagesOf(played)[0]?.text).toBe('good');
    expect(played.durationMs).toBeLessThan(399);
    expect(slower.attached.warnings).toEqual([expect.stringContaining('slow')]);
  });

  it('gives one that reads a cache a moment, also where the call’s deadline is what failed', () =>
    steadily(async () => {
      const { attached, client } = await open([
        { name: 'cache', function: () => new Promise((resolve) => setTimeout(() => resolve(fits('cached')), 2)) },
        good,
      ]);
      attached.breaker(server.target, type).reset();
      const options = { deadline: Date.now() + 40 };
      const played = await play(client, type, { options, metadata: scripted({ answers: 0, hang: true }) });
      expect(messagesOf(played)[0]?.text).toBe('cached');
      expect(attached.breaker(server.target, type).snapshot().counts.failure).toBe(1);
    }));

  // It takes a second, so for one type only.
  if (type === 'unary') {
    it('waits for one that hangs no longer than a second, where there is no deadline', async () => {
      const { client } = await open([{ name: 'hung', function: () => new Promise(() => {}) }, good]);
      const played = await play(client, type);
      expect(messagesOf(played)[0]?.text).toBe('good');
      expect(played.durationMs).toBeGreaterThan(900);
      expect(played.durationMs).toBeLessThan(2_500);
    });
  }

  it('keeps the deadline of the policy while it waits', async () => {
    const { client } = await open([{ name: 'hung', function: () => new Promise(() => {}) }, good], { deadline: '40ms' });
    const played = await play(client, type);
    expect(messagesOf(played)[0]?.text).toBe('good');
    expect(played.durationMs).toBeLessThan(500);
  });

  it('answers nobody who has cancelled meanwhile', async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const { attached, client } = await open([{ name: 'slow', function: () => new Promise((resolve) => answers.push(resolve)) }]);
    for (const fail of [false, true]) {
      if (fail) attached.breaker(server.target, type).reset();
      const played = await play(client, type, { cancel: 30, metadata: scripted(FAILING) });
      expect(codeOf(played)).toBe(Status.CANCELLED);
      expect(answers).toHaveLength(fail ? 2 : 1);
      answers.at(-1)?.(fits('too late'));
      await turns(5);
      expect(messagesOf(played)).toEqual([]);
      expect(played.sights.filter(([what]) => what === 'status')).toHaveLength(1);
    }
  });

  it('serves what a source promises although another call’s source hangs', async () => {
    const { client } = await open([
      {
        name: 'by-request',
        function: (request: Question) => (request.model_name === 'hung' ? new Promise(() => {}) : Promise.resolve(fits('quick'))),
      },
      good,
    ]);
    const hung = play(client, type, { requests: [{ model_name: 'hung' }], options: { deadline: Date.now() + 200 } });
    const quick = await play(client, type, { requests: [{ model_name: 'iris' }] });
    expect(messagesOf(quick)[0]?.text).toBe('quick');
    expect(quick.durationMs).toBeLessThan(150);
    expect(messagesOf(await hung)[0]?.text).toBe('good');
  });
});
