import type { CallOptions } from '@grpc/grpc-js';
import {
  type Breaker,
  type Breakers,
  type BreakersOptions,
  createBreakers,
  type OpenInferenceOptions,
  presets,
  type TransitionEvent,
} from '../../../src/index.ts';
import { type CallResult, call, connect, type InferenceClientConstructor, loadInferenceClient } from './inference-client.ts';
import type { ModelInferRequest, ModelInferResponse } from './inference-messages.ts';
import { type StreamResult, stream, type TritonClient } from './triton-client.ts';

/** So many failures in a row trip a breaker of these tests. */
export const TO_TRIP = 3;

/** A deadline that no healthy server misses, however busy the machine is. */
const LONG_MS = 10_000;

/** A request for one version of a model. */
export interface VersionedRequest extends ModelInferRequest {
  readonly model_version?: string;
}

/** A request for one version of a model, instead of the server's choice. */
export function ofVersion(request: ModelInferRequest, model_version: string): VersionedRequest {
  return { ...request, model_version };
}

/** A client of a model server behind `presets.openInference`, and what its breakers did. */
export interface ModelClient {
  readonly client: TritonClient;
  readonly breakers: Breakers;
  /** Every change of state, of all breakers. */
  readonly transitions: readonly TransitionEvent[];
  /** What was said through `onWarning`. */
  readonly warnings: readonly string[];
  /** Asks a model. */
  infer(request: ModelInferRequest, options?: CallOptions): Promise<CallResult<ModelInferResponse>>;
  /** Asks by a stream, and waits for its end. */
  stream(request: ModelInferRequest): Promise<StreamResult>;
  /** The names of the breakers that are not closed, or have seen a failure. */
  sick(): string[];
  /** The breaker of a model, after the first call to it. */
  breakerOf(model: string, version?: string, method?: 'ModelInfer' | 'ModelStreamInfer'): Breaker;
  /** Closes the channel. */
  close(): void;
}

/** What {@link connectModels} takes besides the options of the preset. */
export interface ModelClientOptions extends BreakersOptions {
  readonly maxBreakers?: number;
  /** Stubs other than those of `protos/open_inference.proto`. */
  readonly Client?: InferenceClientConstructor;
}

/** Connects to a model server through the preset; what trips a breaker is a count, and nothing is left to chance. */
export function connectModels(
  target: string,
  options: OpenInferenceOptions = {},
  { maxBreakers, Client = loadInferenceClient(), ...rest }: ModelClientOptions = {},
): ModelClient {
  const methods = presets.openInference({
    trip: { consecutiveFailures: TO_TRIP },
    openFor: '500ms',
    backoff: { factor: 1 },
    jitter: 0,
    rampUp: 0,
    trials: 1,
    ...options,
  });
  const warnings: string[] = [];
  const breakers = createBreakers(
    { methods, ...(maxBreakers !== undefined && { maxBreakers }) },
    { services: [Client.service], onWarning: (message) => warnings.push(message), ...rest },
  );
  const transitions: TransitionEvent[] = [];
  breakers.subscribe((event) => {
    if (event.type === 'transition') transitions.push(event);
  });
  const client = connect(Client, target, breakers.clientOptions(target)) as TritonClient;
  return {
    client,
    breakers,
    transitions,
    warnings,
    infer: (request, options = { deadline: Date.now() + LONG_MS }) => call(client, client.modelInfer, request, options),
    stream: (request) => stream(client, [request], { deadline: Date.now() + LONG_MS }),
    sick: () => {
      const sick = breakers.snapshot().filter(({ state, counts }) => state !== 'closed' || counts.failure > 0);
      return sick.map(({ name }) => name);
    },
    breakerOf: (model, version = '', method = 'ModelInfer') => {
      const name = `${target}/inference.GRPCInferenceService/${method}[${model}]${version === '' ? '' : `[${version}]`}`;
      const breaker = breakers.get(name);
      if (breaker === undefined) throw new Error(`no breaker ${name}; there are ${breakers.list().map((other) => other.name)}`);
      return breaker;
    },
    close: () => {
      client.close();
      breakers.dispose();
    },
  };
}
