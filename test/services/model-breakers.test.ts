import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRejection } from '../../src/index.ts';
import { serviceAvailable } from './harness/availability.ts';
import { call } from './harness/inference-client.ts';
import { echoRequest, irisRequest, type ModelInferRequest } from './harness/inference-messages.ts';
import { Mlserver } from './harness/mlserver.ts';
import { connectModels, type ModelClient, ofVersion, TO_TRIP } from './harness/model-client.ts';
import { open } from './harness/model-streams.ts';
import { TRITON, Triton } from './harness/triton.ts';
import { floatsOf, tritonRequest } from './harness/triton-client.ts';
import { startVersions, VERSIONS, type VersionedTriton } from './harness/triton-versions.ts';
import { until } from './harness/until.ts';

let models: ModelClient;

/** The codes of as many calls in a row as trip a breaker. */
async function codesOf(request: ModelInferRequest): Promise<status[]> {
  const codes: status[] = [];
  for (let index = 0; index < TO_TRIP; index++) codes.push((await models.infer(request)).status.code);
  return codes;
}

const thrice = (code: status): status[] => Array.from({ length: TO_TRIP }, () => code);

// What each server sends, and that it counts as docs/model-servers.md says.

describe.skipIf(!serviceAvailable('mlserver'))('the breakers of models at MLServer', () => {
  let server: Mlserver;
  beforeAll(async () => {
    server = await Mlserver.start();
  });
  afterAll(() => server?.stop());
  beforeEach(() => {
    models = connectModels(server.target);
  });
  afterEach(() => models.close());

  it.each([429, 500, 503, 504])('trip on HTTP %i, for the model that fails alone', async (httpStatus) => {
    expect((await models.infer(irisRequest('before'))).status.code).toBe(status.OK);
    const code = httpStatus === 500 ? status.INTERNAL : status.UNKNOWN;
    expect(await codesOf(echoRequest('sick', { failWith: httpStatus }))).toEqual(thrice(code));
    const refused = await models.infer(echoRequest('refused'));
    expect(isRejection(refused.error)).toBe(true);
    expect(models.breakerOf('echo-slow').state).toBe('open');

    expect((await models.infer(irisRequest('after'))).status.code).toBe(status.OK);
    expect(models.breakerOf('iris').state).toBe('closed');
    expect(models.breakerOf('iris').snapshot().counts.failure).toBe(0);
  });

  it.each<[string, ModelInferRequest, status]>([
    ['an unknown model', { ...irisRequest('1'), model_name: 'none' }, status.NOT_FOUND],
    ['an unknown version', ofVersion(irisRequest('1'), 'v7'), status.NOT_FOUND],
    ['no input', { ...irisRequest('1'), inputs: [] }, status.INVALID_ARGUMENT],
    ['what the model calls invalid', echoRequest('1', { failWith: 400 }), status.INVALID_ARGUMENT],
    ['what the model calls not processable', echoRequest('1', { failWith: 422 }), status.FAILED_PRECONDITION],
    [
      'a request that is too large for it',
      irisRequest(
        '1',
        Array.from({ length: 150_000 }, () => [5.1, 3.5, 1.4, 0.2]),
      ),
      status.RESOURCE_EXHAUSTED,
    ],
  ])("do not trip on %s, which is the caller's fault", async (_, request, code) => {
    expect(await codesOf(request)).toEqual(thrice(code));
    expect(await codesOf(request)).toEqual(thrice(code));
    expect(models.sick()).toEqual([]);
  });

  it('do not trip on the readiness of a model that is not there, which MLServer calls UNKNOWN', async () => {
    for (let index = 0; index < 2 * TO_TRIP; index++) {
      const { client } = models;
      const ready = await call(client, client.modelReady, { name: 'none' }, { deadline: Date.now() + 10_000 });
      expect(ready.status.code).toBe(status.UNKNOWN);
    }
    expect(models.sick()).toEqual([]);
  });

  it('trip on bad input that MLServer calls INTERNAL: nothing tells it from a broken model', async () => {
    expect(await codesOf(irisRequest('bad', [[1, 2, 3]]))).toEqual(thrice(status.INTERNAL));
    expect(models.breakerOf('iris').state).toBe('open');
  });

  it('are one for each version that is asked for', async () => {
    await models.infer(irisRequest('1'));
    await models.infer(ofVersion(irisRequest('2'), 'v7'));
    expect(models.breakers.list().map(({ name }) => name.slice(name.indexOf('[')))).toEqual(['[iris]', '[iris][v7]']);
    expect(models.warnings).toEqual([]);
  });

  it('are bounded: made-up names share _OTHER, and models in trouble keep their own', async () => {
    models.close();
    models = connectModels(server.target, { openFor: '1m' }, { maxBreakers: 5 });
    await codesOf(echoRequest('sick', { failWith: 503 }));
    const sick = models.breakerOf('echo-slow');
    for (let round = 0; round < 2; round++) {
      const madeUp = Array.from({ length: 50 }, (_, index) => ({ ...irisRequest('x'), model_name: `made-up-${round}-${index}` }));
      const codes = new Set(
        (await Promise.all(madeUp.map((request) => models.infer(request)))).map((result) => result.status.code),
      );
      expect(codes).toEqual(new Set([status.NOT_FOUND]));
      const names = models.breakers.list().map(({ name }) => name);
      expect(names).toHaveLength(6);
      expect(names).toContain('_OTHER');
    }
    expect(models.breakerOf('echo-slow')).toBe(sick);
    expect(sick.state).toBe('open');
    expect(models.breakers.get('_OTHER')?.snapshot().counts).toMatchObject({ failure: 0 });
    expect(models.breakers.get('_OTHER')?.snapshot().counts.success).toBeGreaterThanOrEqual(90);
  });
});

describe.skipIf(!serviceAvailable(TRITON))('the breakers of models at Triton', () => {
  let server: Triton;
  beforeAll(async () => {
    server = await Triton.start();
  });
  afterAll(() => server?.stop());
  beforeEach(() => {
    models = connectModels(server.target);
  });
  afterEach(() => models.close());

  it.each<[string, object, status]>([
    ['fails', { fail: true }, status.INTERNAL],
    ['raises', { raise: true }, status.INTERNAL],
    ['says that it is not available', { fail: true, code: 'UNAVAILABLE' }, status.UNAVAILABLE],
    ['fails and does not say how', { fail: true, code: 'UNKNOWN' }, status.UNKNOWN],
  ])('trip for a model that %s alone', async (_, orders, code) => {
    expect(floatsOf((await models.infer(tritonRequest('tpl'))).response)).toEqual([3, 6]);
    expect(await codesOf(tritonRequest('dbl', { ...orders }))).toEqual(thrice(code));
    expect(isRejection((await models.infer(tritonRequest('dbl'))).error)).toBe(true);
    expect(models.breakerOf('dbl').state).toBe('open');

    expect(floatsOf((await models.infer(tritonRequest('tpl'))).response)).toEqual([3, 6]);
    expect(models.breakerOf('tpl').state).toBe('closed');
    expect(models.breakerOf('tpl').snapshot().counts.failure).toBe(0);
  });

  it.each<[string, ModelInferRequest, status]>([
    ['an unknown model', tritonRequest('none'), status.NOT_FOUND],
    ['an unknown version', ofVersion(tritonRequest('dbl'), '7'), status.NOT_FOUND],
    ['a version that is no number', ofVersion(tritonRequest('dbl'), 'v1'), status.INVALID_ARGUMENT],
    ['no input', { ...tritonRequest('dbl'), inputs: [] }, status.INVALID_ARGUMENT],
    [
      'a shape that the model does not take',
      { ...tritonRequest('dbl'), inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } }] },
      status.INVALID_ARGUMENT,
    ],
    ['a streaming model without a stream', tritonRequest('dbl-stream'), status.UNIMPLEMENTED],
  ])("do not trip on %s, which is the caller's fault", async (_, request, code) => {
    expect(await codesOf(request)).toEqual(thrice(code));
    expect(await codesOf(request)).toEqual(thrice(code));
    expect(models.sick()).toEqual([]);
  });

  it('trip where the queue of a model is full', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => models.infer(tritonRequest('dbl-queue', { delay_ms: 200 }))),
    );
    const refused = results.filter((result) => result.status.code === status.UNAVAILABLE);
    expect(refused.length).toBeGreaterThanOrEqual(TO_TRIP);
    expect(refused[0]?.status.details).toContain('Exceeds maximum queue size');
    expect(models.transitions.map(({ from, to, verdict }) => [from, to, verdict.reason])).toEqual([
      ['closed', 'open', 'consecutiveFailures'],
    ]);
  });

  it('trip on a server that is shutting down, though it says NOT_FOUND, and close when it is back', async () => {
    const { client } = models;
    expect((await models.infer(tritonRequest('dbl'))).status.code).toBe(status.OK);
    // What holds it up while it shuts down. Its first answer says that it is at work.
    const held = open(client, tritonRequest('dbl-stream', { chunks: 20, delay_ms: 150 }));
    await until('it is at work', () => held.answers.length > 0);
    held.duplex.end();
    server.shutDown();
    const breaker = models.breakerOf('dbl');
    const codes = new Set<status>();
    await until('the breaker trips', async () => {
      const { error } = await models.infer(tritonRequest('dbl'));
      if (error?.details.endsWith('has no available versions')) codes.add(error.code);
      return breaker.state === 'open';
    });
    // Not because it was gone at last.
    expect(held.isEnded()).toBe(false);
    expect(codes).toEqual(new Set([status.NOT_FOUND]));
    expect((await held.status).code).toBe(status.OK);

    await server.crash();
    await server.restart();
    await until('the breaker closes', async () => {
      await models.infer(tritonRequest('dbl'));
      return breaker.state === 'closed';
    });
    expect(floatsOf((await models.infer(tritonRequest('dbl'))).response)).toEqual([2, 4]);
  });
});

describe.skipIf(!serviceAvailable(TRITON))('the breakers of a model in two versions', () => {
  let server: VersionedTriton;
  beforeAll(async () => {
    server = await startVersions();
  });
  afterAll(() => server?.stop());
  afterEach(() => models.close());

  it('trip for the broken one alone', async () => {
    models = connectModels(server.target);
    expect(await codesOf(ofVersion(tritonRequest(VERSIONS), '2'))).toEqual(thrice(status.INTERNAL));
    expect(models.breakerOf(VERSIONS, '2').state).toBe('open');
    // Without a version, the server takes the newest.
    expect(await codesOf(tritonRequest(VERSIONS))).toEqual(thrice(status.INTERNAL));
    expect(models.breakerOf(VERSIONS, '').state).toBe('open');
    expect(floatsOf((await models.infer(ofVersion(tritonRequest(VERSIONS), '1'))).response)).toEqual([2, 4]);
    expect(models.breakerOf(VERSIONS, '1').state).toBe('closed');
  });

  it('are one where versions are not told apart', async () => {
    models = connectModels(server.target, { byVersion: false });
    expect(await codesOf(ofVersion(tritonRequest(VERSIONS), '2'))).toEqual(thrice(status.INTERNAL));
    expect(isRejection((await models.infer(ofVersion(tritonRequest(VERSIONS), '1'))).error)).toBe(true);
    expect(models.breakers.list()).toHaveLength(1);
  });
});
