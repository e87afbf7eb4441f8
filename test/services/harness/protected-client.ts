import type { CallOptions } from '@grpc/grpc-js';
import {
  type Breaker,
  type Breakers,
  type BreakersOptions,
  createBreakers,
  fallbackOf,
  type TransitionEvent,
} from '../../../src/index.ts';
import { type CallResult, call, connect, type InferenceClient, loadInferenceClient } from './inference-client.ts';
import type { ModelInferRequest, ModelInferResponse } from './inference-messages.ts';

/** The full name of the method that the tests break. */
export const MODEL_INFER = 'inference.GRPCInferenceService/ModelInfer';

/** So many failures in a row trip a breaker of the tests. */
export const FAILURES_TO_TRIP = 3;

/** How long a call of the tests may take. Long, so that a healthy server answers in time on a busy machine. */
export const DEADLINE_MS = 1000;

/** What callers get while the breaker is open: species -1 stands for "not known". */
const FALLBACK: ModelInferResponse = {
  model_name: 'fallback',
  outputs: [{ name: 'predict', datatype: 'INT64', shape: [1], contents: { int64_contents: [-1] } }],
};

/** A client of a model server with one breaker for each model, and what those breakers did. */
export interface ProtectedClient {
  readonly breakers: Breakers;
  /** Every change of state, of all breakers. */
  readonly transitions: readonly TransitionEvent[];
  /** Asks for a prediction. */
  infer(request: ModelInferRequest, options?: CallOptions): Promise<CallResult<ModelInferResponse>>;
  /** The breaker of a model, after the first call to it. */
  breakerOf(model: string): Breaker;
  /** Closes the channel, and ends the telemetry. */
  close(): void;
}

/** Connects to a model server through breakers. */
export function protect(target: string, options: BreakersOptions = {}): ProtectedClient {
  const Client = loadInferenceClient();
  const breakers = createBreakers(
    {
      methods: [
        {
          name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }],
          key: ['target', 'method', 'request.model_name'],
          deadline: `${DEADLINE_MS}ms`,
          trip: { consecutiveFailures: FAILURES_TO_TRIP },
          openFor: '1s',
          rampUp: 0,
          backoff: { factor: 1 },
          jitter: 0,
          trials: 2,
          fallback: { sources: [{ name: 'unknown-species', message: FALLBACK }] },
        },
      ],
    },
    { services: [Client.service], ...options },
  );
  const transitions: TransitionEvent[] = [];
  breakers.subscribe((event) => {
    if (event.type === 'transition') transitions.push(event);
  });
  const client: InferenceClient = connect(Client, target, breakers.clientOptions(target));
  return {
    breakers,
    transitions,
    infer: (request, callOptions) => call(client, client.modelInfer, request, callOptions),
    breakerOf: (model) => {
      const breaker = breakers.get(`${target}/${MODEL_INFER}[${model}]`);
      if (breaker === undefined) throw new Error(`no breaker for ${model}; there are ${breakers.list().map(({ name }) => name)}`);
      return breaker;
    },
    close: () => {
      client.close();
      breakers.dispose();
    },
  };
}

/** Whether a result is the model's own answer, and neither an error nor a fallback. */
export function isPrediction({ response }: CallResult<ModelInferResponse>): boolean {
  return response !== undefined && fallbackOf(response) === undefined;
}
