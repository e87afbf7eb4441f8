import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fallbackOf, isRejection, type OpenInferenceOptions } from '../../src/index.ts';
import { serviceAvailable } from './harness/availability.ts';
import { call } from './harness/inference-client.ts';
import type { ModelInferRequest } from './harness/inference-messages.ts';
import { connectModels, type ModelClient, ofVersion, TO_TRIP } from './harness/model-client.ts';
import { type OpenStream, open } from './harness/model-streams.ts';
import { TRITON, Triton } from './harness/triton.ts';
import { floatsOf, tritonRequest } from './harness/triton-client.ts';
import { killModel } from './harness/triton-processes.ts';
import { until } from './harness/until.ts';

let models: ModelClient;

afterEach(() => models?.close());

/** A stream that goes on for long. */
const LONG = tritonRequest('dbl-stream', { chunks: 500, delay_ms: 20 });

/** Opens it, and says that no more requests come: while they may, Triton owes no further answer. */
function openLong(): OpenStream {
  const opened = open(models.client, LONG);
  opened.duplex.end();
  return opened;
}

/** What callers get behind the answers of a stream that broke off. */
const SUBSTITUTE = { infer_response: { model_name: 'substitute' } };

describe.skipIf(!serviceAvailable(TRITON))('streams of Triton', () => {
  let server: Triton;
  beforeAll(async () => {
    server = await Triton.start();
  });
  afterAll(() => server?.stop());

  const connect = (options?: OpenInferenceOptions): void => {
    models = connectModels(server.target, options);
  };
  const breakerOf = (model: string) => models.breakerOf(model, '', 'ModelStreamInfer');

  /** Asks until the breaker has closed. */
  const closes = (): Promise<true> =>
    until('the breaker closes', async () => {
      await models.stream(tritonRequest('dbl-stream'));
      return breakerOf('dbl-stream').state === 'closed';
    });

  it.each<[string, ModelInferRequest, string[], string]>([
    ['in the middle', tritonRequest('dbl-stream', { fail_at: 2 }), ['', '', 'injected failure'], 'injected failure'],
    ['at first', tritonRequest('dbl-stream', { fail_at: 0 }), ['injected failure'], 'injected failure'],
    ['with an exception', tritonRequest('dbl-stream', { raise: true }), [expect.stringContaining('injected exception')], ''],
  ])('trip where the model fails %s, under status OK', async (_, request, messages) => {
    connect();
    expect((await models.stream(tritonRequest('tpl'))).answers.map(({ infer_response }) => floatsOf(infer_response))).toEqual([
      [3, 6],
    ]);
    for (let index = 0; index < TO_TRIP; index++) {
      const { answers, status: ended } = await models.stream(request);
      expect(answers.map(({ error_message }) => error_message)).toEqual(messages);
      expect(ended.code).toBe(status.OK);
    }
    expect(breakerOf('dbl-stream').state).toBe('open');
    expect(isRejection((await models.stream(request)).status)).toBe(true);
    expect((await models.stream(tritonRequest('tpl'))).status.code).toBe(status.OK);
    expect(breakerOf('tpl').snapshot()).toMatchObject({ state: 'closed', counts: { success: 2, failure: 0 } });
  });

  it.each<[string, ModelInferRequest, RegExp]>([
    ['an unknown model', tritonRequest('none'), /is not found$/],
    ['an unknown version', ofVersion(tritonRequest('dbl-stream'), '7'), /is not found$/],
    ['no input', { ...tritonRequest('dbl-stream'), inputs: [] }, /inputs? but got 0/],
    [
      'a wrong type',
      { ...tritonRequest('dbl-stream'), inputs: [{ name: 'x', datatype: 'INT32', shape: [1], contents: { int_contents: [1] } }] },
      /data-type/,
    ],
  ])("do not trip on %s, which is the caller's fault", async (_, request, text) => {
    connect();
    for (let index = 0; index < 2 * TO_TRIP; index++) {
      const { answers, status: ended } = await models.stream(request);
      expect(answers.map(({ error_message }) => error_message)).toEqual([expect.stringMatching(text)]);
      expect(ended.code).toBe(status.OK);
    }
    expect(models.sick()).toEqual([]);
  });

  it('trip where the queue of a model is full', async () => {
    connect();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => models.stream(tritonRequest('dbl-queue', { delay_ms: 200 }))),
    );
    const refused = results.filter(({ answers }) =>
      answers.some(({ error_message }) => error_message.endsWith('maximum queue size')),
    );
    expect(refused.length).toBeGreaterThanOrEqual(TO_TRIP);
    expect(models.transitions.map(({ to }) => to)).toEqual(['open']);
  });

  it('trip while they stay open, and count once', async () => {
    connect({ openFor: '1m' });
    const options = { deadline: Date.now() + 10_000 };
    const streams = Array.from({ length: TO_TRIP }, () =>
      open(models.client, tritonRequest('dbl-stream', { fail_at: 1 }), options),
    );
    await until('the breaker trips', () => breakerOf('dbl-stream').state === 'open', { withinMs: 5000 });
    expect(streams.map((one) => one.isEnded())).toEqual(streams.map(() => false));
    for (const { duplex } of streams) duplex.end();
    for (const one of streams) expect((await one.status).code).toBe(status.OK);
    expect(breakerOf('dbl-stream').snapshot().counts).toMatchObject({ success: 0, failure: TO_TRIP, ignored: 0 });
  });

  it('trip as well where Triton was told to report by status', async () => {
    connect();
    const metadata = new Metadata();
    metadata.set('triton_grpc_error', 'true');
    for (let index = 0; index < TO_TRIP; index++) {
      const one = open(models.client, tritonRequest('dbl-stream', { fail_at: 2 }), { deadline: Date.now() + 10_000 }, metadata);
      expect(await one.status).toMatchObject({ code: status.INTERNAL, details: 'injected failure' });
      // An answer right before the failure may be lost at Triton then.
      expect(one.answers.map(({ error_message }) => error_message).join()).toMatch(/^,?$/);
    }
    expect(breakerOf('dbl-stream').state).toBe('open');
  });

  it('are cancelled where a stopped server sends no more, trip, and close after it goes on', async () => {
    connect({ stream: { messageGap: '400ms', firstMessageWithin: '400ms', success: 'status' } });
    const streams = Array.from({ length: TO_TRIP }, () => openLong());
    await until('answers come', () => streams.every(({ answers }) => answers.length > 2));
    server.hang();
    try {
      for (const one of streams) {
        const { code, details } = await one.status;
        expect(code).toBe(status.DEADLINE_EXCEEDED);
        expect(details).toContain('no further message of the stream came within 400 ms');
      }
      expect(breakerOf('dbl-stream').state).toBe('open');
      const trial = await until('a trial is let through', async () => {
        const { status: ended } = await models.stream(LONG);
        return isRejection(ended) ? undefined : ended;
      });
      expect(trial.details).toContain('no message of the stream came within 400 ms');
      await until('listeners hear that it failed', () => models.transitions.at(-1)?.verdict.reason === 'trialFailed');
    } finally {
      server.resume();
    }
    await closes();
    const { answers } = await models.stream(tritonRequest('dbl-stream', { chunks: 2 }));
    expect(answers.map(({ infer_response }) => floatsOf(infer_response))).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });

  it('are continued by the fallback behind the answers that came', async () => {
    const streamFallback = { on: ['failed', 'rejected'] as const, sources: [{ name: 'substitute', messages: [SUBSTITUTE] }] };
    connect({ stream: { messageGap: '400ms', midStream: 'append' }, streamFallback });
    const one = openLong();
    await until('answers come', () => one.answers.length > 2);
    server.hang();
    try {
      expect((await one.status).code).toBe(status.OK);
    } finally {
      server.resume();
    }
    const [first, ...rest] = one.answers.toReversed();
    expect(first?.infer_response?.model_name).toBe('substitute');
    expect(fallbackOf(first)).toMatchObject({ source: 'substitute', reason: 'failed' });
    expect(rest.map(fallbackOf)).toEqual(rest.map(() => undefined));
    expect(rest.map(({ infer_response }) => floatsOf(infer_response)?.[0])).toEqual(
      rest.map((_, index) => rest.length - 1 - index),
    );

    // Also where Triton says so in a message: its caller gets that, and then the fallback.
    const { answers, status: ended } = await models.stream(tritonRequest('dbl-stream', { fail_at: 1 }));
    expect(answers.map((answer) => answer.error_message || answer.infer_response?.model_name)).toEqual([
      'dbl-stream',
      'injected failure',
      'substitute',
    ]);
    expect(ended.code).toBe(status.OK);
    // Not where the caller is at fault.
    expect((await models.stream(tritonRequest('none'))).answers.map(fallbackOf)).toEqual([undefined]);
  });

  it('are cancelled where the model has died, though the server says that it is ready', async () => {
    connect({ stream: { messageGap: '400ms', firstMessageWithin: '3s', success: 'status' } });
    const streams = Array.from({ length: TO_TRIP }, () => openLong());
    await until('answers come', () => streams.every(({ answers }) => answers.length > 2));
    killModel(server, 'dbl-stream');
    for (const one of streams) expect((await one.status).details).toContain('stream.messageGap');
    const breaker = breakerOf('dbl-stream');
    expect(breaker.state).toBe('open');

    const { client } = models;
    const isReady = async (): Promise<boolean | undefined> =>
      (await call(client, client.modelReady, { name: 'dbl-stream' })).response?.ready;
    await until('two trials have failed', async () => {
      const { answers } = await models.stream(tritonRequest('dbl-stream'));
      for (const { error_message } of answers) expect(error_message).toContain('is not healthy');
      expect(await isReady()).toBe(true);
      return models.transitions.filter(({ verdict }) => verdict.reason === 'trialFailed').length > 1;
    });
    expect((await models.stream(tritonRequest('tpl'))).answers).toHaveLength(1);
    expect(models.transitions.map(({ breaker: name, to }) => [name, to])).not.toContainEqual([breaker.name, 'closed']);

    await server.crash();
    await server.restart();
    await closes();
  });
});
