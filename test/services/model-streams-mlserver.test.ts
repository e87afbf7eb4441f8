import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fallbackOf, type OpenInferenceOptions } from '../../src/index.ts';
import { serviceAvailable } from './harness/availability.ts';
import { loadBareStreamClient } from './harness/bare-streams.ts';
import { type OwnMlserver, startOwnModels } from './harness/mlserver-own-models.ts';
import { connectModels, type ModelClient, type ModelClientOptions, TO_TRIP } from './harness/model-client.ts';
import { tritonRequest } from './harness/triton-client.ts';

describe.skipIf(!serviceAvailable('mlserver'))('streams of MLServer', () => {
  let server: OwnMlserver;
  beforeAll(async () => {
    server = await startOwnModels();
  });
  afterAll(() => server?.stop());

  let models: ModelClient;
  afterEach(() => models.close());

  const Client = loadBareStreamClient();
  const connect = (options: OpenInferenceOptions = {}, rest: ModelClientOptions = { Client }): void => {
    models = connectModels(server.target, options, rest);
  };
  const breakerOf = (model: string) => models.breakerOf(model, '', 'ModelStreamInfer');
  const breaksOff = () => models.stream(tritonRequest('streamer', { fail_at: 2 }));

  it('trip where the model fails in the middle', async () => {
    connect();
    for (let index = 0; index < TO_TRIP; index++) {
      const { answers, status: ended } = await breaksOff();
      expect(answers.length).toBe(2);
      expect(ended).toMatchObject({ code: status.UNKNOWN, details: 'injected failure' });
    }
    expect(breakerOf('streamer').state).toBe('open');
  });

  it('are continued by the fallback, whose messages are bare', async () => {
    const streamFallback = { on: 'failed' as const, sources: [{ messages: [{ model_name: 'substitute' }] }] };
    connect({ stream: { midStream: 'append' }, streamFallback });
    const { answers, status: ended } = await breaksOff();
    expect(answers.map((answer) => fallbackOf(answer)?.reason)).toEqual([undefined, undefined, 'failed']);
    expect(answers[2]).toMatchObject({ model_name: 'substitute' });
    expect(ended.code).toBe(status.OK);
  });

  it("do not trip where they are read with Triton's messages: the name of the model looks like an error then", async () => {
    connect({}, {});
    for (let index = 0; index < 2 * TO_TRIP; index++) {
      const { answers } = await models.stream(tritonRequest('streamer'));
      expect(answers.map(({ error_message }) => error_message)).toEqual(['streamer', 'streamer', 'streamer']);
      // Where a version follows, nothing can be read.
      expect((await models.stream(tritonRequest('versioned'))).status.details).toContain('Response message parsing error');
    }
    expect(models.sick()).toEqual([]);
    expect(breakerOf('versioned').snapshot().counts).toMatchObject({ success: 0, ignored: 2 * TO_TRIP });
  });

  it('trip, as calls do, where the model is not ready, which MLServer calls INVALID_ARGUMENT', async () => {
    connect();
    for (let index = 0; index < TO_TRIP; index++) {
      expect((await models.infer(tritonRequest('sleepy'))).status.code).toBe(status.INVALID_ARGUMENT);
      expect((await models.stream(tritonRequest('sleepy'))).status.code).toBe(status.INVALID_ARGUMENT);
    }
    expect(breakerOf('sleepy').state).toBe('open');
    expect(models.breakerOf('sleepy').state).toBe('open');
  });
});
