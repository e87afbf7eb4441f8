import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A server of the Open Inference Protocol that answers each request with the name of the model that it asked for. */
export interface ModelServer {
  readonly address: string;
  stop(): void;
}

/** Starts it on a free port of this machine. */
export async function startModelServer(): Promise<ModelServer> {
  const loaded = loadPackageDefinition(loadSync('protos/open_inference.proto')) as unknown as {
    inference: { GRPCInferenceService: ServiceClientConstructor };
  };
  const modelInfer: UntypedHandleCall = (
    call: { request: { modelName: string } },
    callback: (error: null, answer: object) => void,
  ) => {
    callback(null, { modelName: call.request.modelName });
  };
  const server = new Server();
  server.addService(loaded.inference.GRPCInferenceService.service, { modelInfer });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
