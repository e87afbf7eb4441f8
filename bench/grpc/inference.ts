import { fileURLToPath } from 'node:url';
import {
  type Client,
  type ClientOptions,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  type MethodDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { StubChannel } from './stub-channel.ts';

type Callback = (error: ServiceError | null, response?: object) => void;

/** A client of the Open Inference Protocol. */
export interface InferenceClient extends Client {
  readonly ModelInfer: (request: object, callback: Callback) => ClientUnaryCall;
}

/** The service of predictions, its messages as plain objects. */
export const Inference: ServiceClientConstructor = loadInference();

/** The definition of the method that predicts. */
export const MODEL_INFER: MethodDefinition<object, object> = modelInfer();

/** The method's name in a policy. */
export const MODEL_INFER_NAME = { service: 'inference.GRPCInferenceService', method: 'ModelInfer' } as const;

/** A small prediction: the class of one flower. */
export const PREDICTION: object = {
  model_name: 'iris',
  id: '',
  outputs: [{ name: 'predict', datatype: 'INT64', shape: [1], contents: { int64_contents: [0] } }],
};

/** A client of the target. */
export function connectInference(target: string, options: ClientOptions = {}): InferenceClient {
  return new Inference(target, credentials.createInsecure(), options) as unknown as InferenceClient;
}

/** A channel that answers with {@link PREDICTION}. */
export function stubInference(): StubChannel {
  return new StubChannel({ message: MODEL_INFER.responseSerialize(PREDICTION), count: 1 });
}

/** One call. @throws the call's error, except where it may fail */
export function predict(client: InferenceClient, request: object, mayFail: boolean = false): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    client.ModelInfer(request, (error, response) => {
      if (error === null || mayFail) resolve(response);
      else reject(error);
    });
  });
}

/** Makes calls, so many under way at a time. */
export async function inLanes(lanes: number, calls: number, call: () => Promise<unknown>): Promise<void> {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function loadInference(): ServiceClientConstructor {
  const file = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));
  const definition = loadPackageDefinition(loadSync(file, { keepCase: true, longs: Number, defaults: true }));
  return (definition as unknown as { inference: { GRPCInferenceService: ServiceClientConstructor } }).inference
    .GRPCInferenceService;
}

function modelInfer(): MethodDefinition<object, object> {
  const method = Inference.service['ModelInfer'];
  if (method === undefined) throw new Error('open_inference.proto has no ModelInfer');
  return method;
}
