import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Breakers, createBreakers, fallbackOf } from '../../src/index.ts';
import { serviceAvailable } from './harness/availability.ts';
import {
  type CallResult,
  call,
  connect,
  type InferenceClient,
  loadInferenceClient,
  type UnaryMethod,
} from './harness/inference-client.ts';
import { echoRequest, irisRequest, type ModelInferRequest, numbersOf, type Tensor } from './harness/inference-messages.ts';
import { Mlserver } from './harness/mlserver.ts';

const TENSORS: readonly Tensor[] = [
  { name: 'bool', datatype: 'BOOL', shape: [2], contents: { bool_contents: [true, false] } },
  { name: 'int32', datatype: 'INT32', shape: [2], contents: { int_contents: [-2147483648, 2147483647] } },
  { name: 'int64', datatype: 'INT64', shape: [2], contents: { int64_contents: ['-9007199254740993', '9007199254740993'] } },
  { name: 'uint32', datatype: 'UINT32', shape: [1], contents: { uint_contents: [4294967295] } },
  { name: 'uint64', datatype: 'UINT64', shape: [1], contents: { uint64_contents: ['9007199254740993'] } },
  { name: 'fp32', datatype: 'FP32', shape: [2], contents: { fp32_contents: [0.5, -1.25] } },
  { name: 'fp64', datatype: 'FP64', shape: [2], contents: { fp64_contents: [0.1, 1e-300] } },
  { name: 'bytes', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('grüße')] } },
];

const everyTensor: ModelInferRequest = { ...echoRequest('tensors'), inputs: TENSORS };
const raw: ModelInferRequest = {
  ...irisRequest('raw'),
  inputs: [{ name: 'x', datatype: 'FP64', shape: [1, 4] }],
  raw_input_contents: [Buffer.from(new Float64Array([5.1, 3.5, 1.4, 0.2]).buffer)],
};

/** Calls that the server answers, and calls that it refuses: what the caller sees of them is the same with a breaker. */
const CASES: readonly [string, status, (client: InferenceClient) => Promise<CallResult<unknown>>][] = [
  ['a prediction', status.OK, (client) => call(client, client.modelInfer, irisRequest('one'))],
  ['a prediction from raw bytes', status.OK, (client) => call(client, client.modelInfer, raw)],
  ['every type of tensor', status.OK, (client) => call(client, client.modelInfer, everyTensor)],
  [
    'a model that does not exist',
    status.NOT_FOUND,
    (client) => call(client, client.modelInfer, { ...irisRequest('none'), model_name: 'none' }),
  ],
  [
    'an input that is missing',
    status.INVALID_ARGUMENT,
    (client) => call(client, client.modelInfer, { ...irisRequest('bad'), inputs: [] }),
  ],
  ['an error of the model', status.INTERNAL, (client) => call(client, client.modelInfer, echoRequest('500', { failWith: 500 }))],
  [
    'an error without a status of its own',
    status.UNKNOWN,
    (client) => call(client, client.modelInfer, echoRequest('429', { failWith: 429 })),
  ],
  ['metadata of a model', status.OK, (client) => call(client, client.modelMetadata, { name: 'iris' })],
  ['metadata of the server', status.OK, (client) => call(client, client.serverMetadata, {})],
  ['a health check', status.OK, (client) => call(client, client.serverLive as UnaryMethod<object, unknown>, {})],
];

describe.skipIf(!serviceAvailable('mlserver'))('MLServer behind a closed breaker', () => {
  let server: Mlserver;
  let plain: InferenceClient;
  let protectedClient: InferenceClient;
  let breakers: Breakers;

  beforeAll(async () => {
    server = await Mlserver.start();
    const Client = loadInferenceClient();
    breakers = createBreakers(
      {
        methods: [
          {
            key: ['target', 'method', 'request.model_name'],
            deadline: '10s',
            trip: { consecutiveFailures: 5 },
          },
        ],
      },
      { services: [Client.service] },
    );
    plain = connect(Client, server.target);
    protectedClient = connect(Client, server.target, breakers.clientOptions(server.target));
  });

  afterAll(async () => {
    plain?.close();
    protectedClient?.close();
    breakers?.dispose();
    await server?.stop();
  });

  it('predicts the species of three flowers', async () => {
    const { response, error } = await call(protectedClient, protectedClient.modelInfer, irisRequest('flowers'));
    expect(error).toBeUndefined();
    expect(numbersOf(response)).toEqual(['0', '1', '2']);
    expect(fallbackOf(response)).toBeUndefined();
    expect(breakers.get(`${server.target}/inference.GRPCInferenceService/ModelInfer[iris]`)?.state).toBe('closed');
  });

  it.each(CASES)('%s: the same with and without', async (_, code, make) => {
    const expected = await make(plain);
    const seen = await make(protectedClient);
    expect(seen.response).toEqual(expected.response);
    expect(seen.headers).toEqual(expected.headers);
    expect(expected.status.code).toBe(code);
    expect(seen.status.code).toBe(code);
    expect(seen.status.details).toBe(expected.status.details);
    expect(seen.status.metadata.getMap()).toEqual(expected.status.metadata.getMap());
    expect(seen.error?.message).toBe(expected.error?.message);
    expect(seen.error?.code).toBe(expected.error?.code);
    expect(seen.response === undefined).toBe(code !== status.OK);
  });

  it('gives each of many calls at once its own answer', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `call-${index}`);
    const results = await Promise.all(ids.map((id) => call(protectedClient, protectedClient.modelInfer, irisRequest(id))));
    expect(results.map(({ response }) => response?.id)).toEqual(ids);
    expect(new Set(results.map(({ response }) => JSON.stringify(numbersOf(response))))).toEqual(new Set(['["0","1","2"]']));
  });

  it('keeps errors of the caller out of the judgement', async () => {
    const orders = [400, 404, 422, 400, 404, 422, 400].map((failWith) => echoRequest('caller', { failWith }));
    for (const order of orders) await call(protectedClient, protectedClient.modelInfer, order);
    const breaker = breakers.get(`${server.target}/inference.GRPCInferenceService/ModelInfer[echo-slow]`);
    expect(breaker?.state).toBe('closed');
    expect(breaker?.snapshot().counts.success).toBeGreaterThanOrEqual(orders.length);
  });
});
