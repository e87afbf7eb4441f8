import grpc from '@grpc/grpc-js';
import { connect, type InferenceClient, loadInferenceClient } from './inference-client.ts';
import type { InferParameter, ModelInferRequest, ModelInferResponse } from './inference-messages.ts';

/** One message of Triton's stream: an error text or a response, under a stream that itself ends with OK. */
export interface StreamAnswer {
  readonly error_message: string;
  readonly infer_response: ModelInferResponse | null;
}

/** A client with the streaming method, which has answers of this form at Triton only. */
export interface TritonClient extends InferenceClient {
  modelStreamInfer(
    metadata?: grpc.Metadata,
    options?: grpc.CallOptions,
  ): grpc.ClientDuplexStream<ModelInferRequest, StreamAnswer>;
  serverReady: InferenceClient['serverLive'];
}

/** A client of Triton. */
export function connectTriton(target: string, options: grpc.ClientOptions = {}): TritonClient {
  return connect(loadInferenceClient(), target, options) as TritonClient;
}

/** Asks a model of Triton's for `x` times its factor; `orders` are the request's parameters, see `triton-models/model.py`. */
export function tritonRequest(
  model: string,
  orders: Readonly<Record<string, string | number | boolean>> = {},
  x: readonly number[] = [1, 2],
): ModelInferRequest {
  return {
    model_name: model,
    parameters: Object.fromEntries(Object.entries(orders).map(([name, value]) => [name, parameter(value)])),
    inputs: [{ name: 'x', datatype: 'FP32', shape: [x.length], contents: { fp32_contents: x } }],
  };
}

function parameter(value: string | number | boolean): InferParameter {
  if (typeof value === 'boolean') return { bool_param: value };
  return typeof value === 'number' ? { int64_param: value } : { string_param: value };
}

type RawResponse = ModelInferResponse & { readonly raw_output_contents?: readonly Uint8Array[] };

/** The numbers of the first output, which Triton always answers as bytes. */
export function floatsOf(response: RawResponse | null | undefined): readonly number[] | undefined {
  const bytes = response?.raw_output_contents?.[0];
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(4 * index, true));
}

/** All that a caller gets to see of a stream. */
export interface StreamResult {
  readonly answers: readonly StreamAnswer[];
  readonly headers: Readonly<Record<string, grpc.MetadataValue>> | undefined;
  readonly status: grpc.StatusObject;
  /** When each answer came, in milliseconds after the call. */
  readonly answeredAtMs: readonly number[];
  /** From the call to its status. */
  readonly durationMs: number;
}

/** Sends the requests, closes the sending side, and waits for everything that comes of it. Does not throw when the call fails. */
export function stream(
  client: TritonClient,
  requests: readonly ModelInferRequest[],
  options: grpc.CallOptions = {},
): Promise<StreamResult> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const answers: StreamAnswer[] = [];
    const answeredAtMs: number[] = [];
    let headers: StreamResult['headers'];
    const duplex = client.modelStreamInfer(new grpc.Metadata(), options);
    duplex.on('metadata', (metadata: grpc.Metadata) => {
      headers = metadata.getMap();
    });
    duplex.on('data', (answer: StreamAnswer) => {
      answers.push(answer);
      answeredAtMs.push(performance.now() - startedAt);
    });
    duplex.on('error', () => {}); // the status tells the same
    duplex.on('status', (status: grpc.StatusObject) => {
      resolve({ answers, headers, status, answeredAtMs, durationMs: performance.now() - startedAt });
    });
    for (const request of requests) duplex.write(request);
    duplex.end();
  });
}
