// ESM: telemetry is imported first; grpc-js by name, as generated stubs do it.
import './telemetry.mjs';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { createBreakers } from '../../../src/index.ts';
import { SAY } from './definition.mjs';
import { outage } from './outage.mjs';

const Client = makeGenericClientConstructor(SAY, 'test.Echo');
await outage(
  createBreakers,
  (target, options) => new Client(target, credentials.createInsecure(), options),
  globalThis.telemetry,
);
