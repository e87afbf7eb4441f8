/**
 * The demo's model server, run in a process of its own by `server-process.ts`, which tells it over the process channel what is to ail it.
 * Arguments: port (0 for any free one) and seed. It ends when its parent does, however that ended.
 */
import { readFileSync } from 'node:fs';
import { credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { seededRandom } from '../../random.ts';
import type { InferResponse } from '../inference/messages.ts';
import { ask, InferenceClass, type InferenceClient } from '../inference/service.ts';
import { inputsFor } from '../inference/tensors.ts';
import { MODEL_FILE, type TrainedModel } from '../model/train.ts';
import type { Fault } from './faults.ts';
import { metadataOf } from './imbalance.ts';
import { inferenceService } from './inference-service.ts';

/** Predictions that it asks itself for before it is there for others: Node's first calls are slow. Real model servers do the same. */
const WARM_UP_CALLS = 100;

const [port = '0', seed = '1'] = process.argv.slice(2);
const model = JSON.parse(readFileSync(MODEL_FILE, 'utf8')) as TrainedModel;
let fault: Fault = { kind: 'none' };

process.on('message', (next: Fault) => {
  fault = next;
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
process.on('SIGINT', () => {});

const server = new Server();
server.addService(
  InferenceClass.service,
  inferenceService(model, () => fault, seededRandom(Number(seed))),
);

async function warmUp(): Promise<void> {
  const address = `127.0.0.1:${await bind('0')}`;
  const client = new InferenceClass(address, credentials.createInsecure()) as unknown as InferenceClient;
  const request = { model_name: model.name, inputs: inputsFor(metadataOf(model))([0, 0, 0, 0]) };
  for (let call = 0; call < WARM_UP_CALLS; call++) {
    await ask<InferResponse>((callback) => client.ModelInfer(request, {}, callback));
  }
  client.close();
  server.unbind(address);
}

function bind(to: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${to}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}

try {
  await warmUp();
  process.send?.({ listening: await bind(port) });
} catch (error) {
  process.send?.({ failed: (error as Error).message });
}
