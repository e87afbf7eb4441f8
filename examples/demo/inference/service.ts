import { fileURLToPath } from 'node:url';
import {
  type CallOptions,
  type Client,
  type ClientUnaryCall,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { InferRequest, InferResponse, ModelMetadata } from './messages.ts';

/** How a unary call gives its answer. */
export type Callback<Response> = (error: ServiceError | null, response?: Response) => void;

/** A unary method as a client has it. */
export type Unary<Request, Response> = (request: Request, options: CallOptions, callback: Callback<Response>) => ClientUnaryCall;

/** A client of a model server, with the methods that the demo uses. */
export interface InferenceClient extends Client {
  readonly ModelInfer: Unary<InferRequest, InferResponse>;
  readonly ModelReady: Unary<{ name: string }, { ready: boolean }>;
  readonly ModelMetadata: Unary<{ name: string }, ModelMetadata>;
  readonly ServerMetadata: Unary<Record<string, never>, { name: string; version: string }>;
}

const PROTO = fileURLToPath(new URL('../../../protos/open_inference.proto', import.meta.url));

const definition = loadSync(PROTO, { keepCase: true, longs: Number, defaults: true, arrays: true, oneofs: true });

/** The class of clients for the Open Inference Protocol; its `service` describes the methods. */
export const InferenceClass: ServiceClientConstructor = (
  loadPackageDefinition(definition) as unknown as { inference: { GRPCInferenceService: ServiceClientConstructor } }
).inference.GRPCInferenceService;

/** Calls a unary method and waits for its answer. */
export function ask<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null && response !== undefined) resolve(response);
      else reject(error ?? new Error('answered without a message'));
    });
  });
}
