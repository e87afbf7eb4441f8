// CommonJS: telemetry first, then everything else.
const { instrumentations } = require('./instrument.mjs');
const { startTelemetry } = require('./start-telemetry.mjs');

const telemetry = startTelemetry(instrumentations);
const grpc = require('@grpc/grpc-js');
const { createBreakers } = require('../../../src/index.ts');
const { SAY } = require('./definition.mjs');
const { outage } = require('./outage.mjs');

const Client = grpc.makeGenericClientConstructor(SAY, 'test.Echo');
void outage(createBreakers, (target, options) => new Client(target, grpc.credentials.createInsecure(), options), telemetry);
