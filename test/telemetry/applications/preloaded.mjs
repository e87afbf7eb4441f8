// ESM: the same, with telemetry by --import ./telemetry.mjs, or without any.
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
