import { status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { fallbackOf } from '../../../src/index.ts';
import type { CallResult } from './inference-client.ts';
import { echoRequest, irisRequest, type ModelInferRequest, type ModelInferResponse, numbersOf } from './inference-messages.ts';
import type { Mlserver } from './mlserver.ts';
import { isPrediction, type ProtectedClient } from './protected-client.ts';
import { until } from './until.ts';

/** A way in which a model server gets sick. */
export interface Outage {
  readonly name: string;
  /** The model whose breaker is to trip. */
  readonly model: 'iris' | 'echo-slow';
  /** What its failed calls end with. */
  readonly code: status;
  /** What is asked of the sick server. */
  readonly sickRequest: () => ModelInferRequest;
  /** What is asked of the healthy one. */
  readonly healthyRequest: () => ModelInferRequest;
  /** Whether the other model goes on answering. */
  readonly othersAreWell: boolean;
  begin?(server: Mlserver): void | Promise<void>;
  end?(server: Mlserver): void | Promise<void>;
}

const oneModel = { model: 'echo-slow', healthyRequest: () => echoRequest('healthy'), othersAreWell: true } as const;
const wholeServer = {
  model: 'iris',
  sickRequest: () => irisRequest('sick'),
  healthyRequest: () => irisRequest('healthy'),
  othersAreWell: false,
} as const;

/** Every way that is tested. */
export const OUTAGES: readonly Outage[] = [
  { name: 'errors', ...oneModel, code: status.UNKNOWN, sickRequest: () => echoRequest('sick', { failWith: 503 }) },
  {
    name: 'delays',
    ...oneModel,
    code: status.DEADLINE_EXCEEDED,
    sickRequest: () => echoRequest('sick', { delayMs: 60_000 }),
  },
  {
    name: 'SIGSTOP',
    ...wholeServer,
    code: status.DEADLINE_EXCEEDED,
    begin: (server) => server.hang(),
    end: (server) => server.resume(),
  },
  {
    name: 'SIGKILL',
    ...wholeServer,
    code: status.UNAVAILABLE,
    begin: (server) => server.crash(),
    end: (server) => server.restart(),
  },
];

/** What callers saw of an outage. */
export interface OutageReport {
  /** Answers of the model. */
  readonly predictions: number;
  /** Errors. */
  readonly errors: readonly CallResult<ModelInferResponse>[];
  /** Fallback answers. */
  readonly fallbacks: readonly CallResult<ModelInferResponse>[];
}

/** Goes through an outage with a client: healthy, sick until a trial has failed too, healthy again. Checks what callers get. */
export async function goThrough(outage: Outage, server: Mlserver, client: ProtectedClient): Promise<OutageReport> {
  const results: CallResult<ModelInferResponse>[] = [];
  const ask = async (request: ModelInferRequest): Promise<CallResult<ModelInferResponse>> => {
    const result = await client.infer(request);
    results.push(result);
    return result;
  };

  for (let index = 0; index < 3; index++) expect(isPrediction(await ask(outage.healthyRequest()))).toBe(true);
  const breaker = client.breakerOf(outage.model);
  const otherModel = outage.model === 'iris' ? echoRequest('other') : irisRequest('other');
  const askOther = async (): Promise<void> => expect(isPrediction(await client.infer(otherModel)), 'the other model').toBe(true);
  await askOther();

  await outage.begin?.(server);
  await until('the breaker trips', async () => {
    const { error, response } = await ask(outage.sickRequest());
    expect(response, 'the sick server answers').toBeUndefined();
    expect(error?.code).toBe(outage.code);
    if (outage.othersAreWell && breaker.state === 'closed') await askOther();
    return breaker.state === 'open';
  });
  const spared = await Promise.all(Array.from({ length: 20 }, () => ask(outage.sickRequest())));
  expect(spared.map(({ response }) => response && fallbackOf(response)?.reason)).toEqual(spared.map(() => 'rejected'));
  expect(spared.map(({ response }) => numbersOf(response)?.map(Number))).toEqual(spared.map(() => [-1]));

  await until('a trial fails', async () => {
    await ask(outage.sickRequest());
    if (outage.othersAreWell) await askOther();
    return client.transitions.some(({ breaker: name, verdict }) => name === breaker.name && verdict.reason === 'trialFailed');
  });

  await outage.end?.(server);
  await until('the breaker closes', async () => {
    await ask(outage.healthyRequest());
    return breaker.state === 'closed';
  });
  for (let index = 0; index < 3; index++) expect(isPrediction(await ask(outage.healthyRequest()))).toBe(true);
  return {
    predictions: results.filter(isPrediction).length,
    errors: results.filter(({ error }) => error !== undefined),
    fallbacks: results.filter(({ response }) => response !== undefined && fallbackOf(response) !== undefined),
  };
}
