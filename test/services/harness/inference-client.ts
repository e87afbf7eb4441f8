import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ModelInferRequest, ModelInferResponse } from './inference-messages.ts';

const PROTO = join(import.meta.dirname, '../../../protos/open_inference.proto');

/** The part of a generated client that the tests use. */
export interface InferenceClient extends grpc.Client {
  modelInfer: UnaryMethod<ModelInferRequest, ModelInferResponse>;
  modelReady: UnaryMethod<{ name: string }, { ready: boolean }>;
  modelMetadata: UnaryMethod<{ name: string }, object>;
  serverLive: UnaryMethod<object, { live: boolean }>;
  serverMetadata: UnaryMethod<object, object>;
}

/** A unary method as grpc-js clients have it. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  callback: grpc.requestCallback<Response>,
) => grpc.ClientUnaryCall;

/** The client's class, as `loadPackageDefinition` makes it. */
export interface InferenceClientConstructor {
  new (target: string, credentials: grpc.ChannelCredentials, options?: grpc.ClientOptions): InferenceClient;
  readonly service: grpc.ServiceDefinition;
}

/** Makes the client class from `protos/open_inference.proto`, after tracing has been set up where it is wanted. */
export function loadInferenceClient(): InferenceClientConstructor {
  const definition = loadSync(PROTO, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });
  const loaded = grpc.loadPackageDefinition(definition) as unknown as {
    inference: { GRPCInferenceService: InferenceClientConstructor };
  };
  return loaded.inference.GRPCInferenceService;
}

/** A client whose channel comes back quickly after the server did. */
export function connect(Client: InferenceClientConstructor, target: string, options: grpc.ClientOptions = {}): InferenceClient {
  return new Client(target, grpc.credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 200,
    ...options,
  });
}

/** All that a caller gets to see of a unary call. */
export interface CallResult<Response> {
  readonly response: Response | undefined;
  readonly error: grpc.ServiceError | undefined;
  readonly headers: Readonly<Record<string, grpc.MetadataValue>> | undefined;
  readonly status: grpc.StatusObject;
  /** From the call to its status. */
  readonly durationMs: number;
}

/** Makes a unary call and waits for everything that comes of it. Does not throw when the call fails. */
export function call<Request, Response>(
  client: grpc.Client,
  method: UnaryMethod<Request, Response>,
  request: Request,
  options: grpc.CallOptions = {},
): Promise<CallResult<Response>> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let answer: Pick<CallResult<Response>, 'response' | 'error'> | undefined;
    let headers: CallResult<Response>['headers'];
    let status: grpc.StatusObject | undefined;
    const settle = (): void => {
      if (answer === undefined || status === undefined) return;
      resolve({ ...answer, headers, status, durationMs: performance.now() - startedAt });
    };
    const unary = method.call(client, request, new grpc.Metadata(), options, (error, response) => {
      answer = { response, error: error ?? undefined };
      settle();
    });
    unary.on('metadata', (metadata) => {
      headers = metadata.getMap();
    });
    unary.on('status', (received) => {
      status = received;
      settle();
    });
  });
}
