/**
 * The demo's model server, run in a process of its own by `server-process.ts`, which tells it over the process channel what is to ail it.
 * Arguments: port (0 for any free one) and seed. It ends when its parent does, however that ended.
 */
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { seededRandom } from '../../random.ts';
import { InferenceClass } from '../inference/service.ts';
import { MODEL_FILE, type TrainedModel } from '../model/train.ts';
import type { Fault } from './faults.ts';
import { inferenceService } from './inference-service.ts';

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
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
  process.send?.(error === null ? { listening: bound } : { failed: error.message });
});
