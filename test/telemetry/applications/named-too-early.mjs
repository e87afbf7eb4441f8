// ESM: functions imported by name before there was an instrumentation stay as they were.
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { createBreakers } from '../../../src/index.ts';
import { SAY } from './definition.mjs';
import { outage } from './outage.mjs';
import './telemetry.mjs';

const Client = makeGenericClientConstructor(SAY, 'test.Echo');
await outage(
  createBreakers,
  (target, options) => new Client(target, credentials.createInsecure(), options),
  globalThis.telemetry,
);
