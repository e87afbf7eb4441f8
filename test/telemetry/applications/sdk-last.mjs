// ESM: the SDK starts when breakers and clients are made already.
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { createBreakers } from '../../../src/index.ts';
import { SAY } from './definition.mjs';
import { instrumentations } from './instrument.mjs';
import { outage } from './outage.mjs';
import { startTelemetry } from './start-telemetry.mjs';

const Client = makeGenericClientConstructor(SAY, 'test.Echo');
await outage(
  createBreakers,
  (target, options) => new Client(target, credentials.createInsecure(), options),
  () => startTelemetry(instrumentations),
);
