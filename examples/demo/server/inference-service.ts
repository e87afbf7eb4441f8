import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Random } from '../../random.ts';
import type { InferRequest, InferResponse } from '../inference/messages.ts';
import type { TrainedModel } from '../model/train.ts';
import { type Fault, fateOf } from './faults.ts';
import { BadRequest, infer, metadataOf } from './imbalance.ts';

type Named = { readonly name: string };
type StreamResponse = { error_message: string } | { infer_response: InferResponse };

/**
 * The service of an Open Inference server with one model.
 * @param model - the model
 * @param fault - asked at each prediction for what ails the server now
 * @param random - decides the fate of single calls
 */
export function inferenceService(model: TrainedModel, fault: () => Fault, random: Random): UntypedServiceImplementation {
  return {
    ServerLive: (_: unknown, reply: sendUnaryData<unknown>) => reply(null, { live: true }),
    ServerReady: (_: unknown, reply: sendUnaryData<unknown>) => reply(null, { ready: true }),
    ServerMetadata: (_: unknown, reply: sendUnaryData<unknown>) =>
      reply(null, { name: 'grpc-breaker-demo', version: '1', extensions: [] }),
    ModelReady: ({ request }: ServerUnaryCall<Named, unknown>, reply: sendUnaryData<unknown>) =>
      reply(null, { ready: request.name === model.name }),
    ModelMetadata: ({ request }: ServerUnaryCall<Named, unknown>, reply: sendUnaryData<unknown>) => {
      if (request.name === model.name) reply(null, metadataOf(model));
      else reply(noSuchModel(request.name));
    },
    ModelInfer: ({ request }: ServerUnaryCall<InferRequest, InferResponse>, reply: sendUnaryData<InferResponse>) => {
      const fate = fateOf(fault(), random);
      if (fate.kind === 'never') return;
      if (fate.kind === 'error') reply({ code: status.INTERNAL, details: 'injected failure' });
      else if (fate.afterMs === 0) answer(model, request, reply);
      else setTimeout(answer, fate.afterMs, model, request, reply);
    },
    ModelStreamInfer: (stream: ServerDuplexStream<InferRequest, StreamResponse>) => {
      stream.on('data', (request: InferRequest) => {
        answer(model, request, (error, response) => {
          stream.write(response ? { infer_response: response } : { error_message: (error as { details: string }).details });
        });
      });
      stream.on('end', () => stream.end());
    },
  };
}

function answer(model: TrainedModel, request: InferRequest, reply: sendUnaryData<InferResponse>): void {
  if (request.model_name !== model.name) {
    reply(noSuchModel(request.model_name));
    return;
  }
  try {
    reply(null, infer(model, request));
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    reply({ code: status.INVALID_ARGUMENT, details: error.message });
  }
}

function noSuchModel(name: string): { code: status; details: string } {
  return { code: status.NOT_FOUND, details: `there is no model "${name}" here` };
}
