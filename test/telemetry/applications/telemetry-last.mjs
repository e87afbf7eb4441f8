// ESM: telemetry is imported last, and clients are made by the library as it was required after that.
import { createRequire } from 'node:module';
import { createBreakers } from '../../../src/index.ts';
import { SAY } from './definition.mjs';
import { outage } from './outage.mjs';
import './telemetry.mjs';

const grpc = createRequire(import.meta.url)('@grpc/grpc-js');
const Client = grpc.makeGenericClientConstructor(SAY, 'test.Echo');
await outage(
  createBreakers,
  (target, options) => new Client(target, grpc.credentials.createInsecure(), options),
  globalThis.telemetry,
);
