// CommonJS: the package, and with it grpc-js, comes before telemetry.
const { createBreakers } = require('../../../src/index.ts');
const { startTelemetry } = require('./start-telemetry.mjs');
const { instrumentations } = require('./instrument.mjs');

const telemetry = startTelemetry(instrumentations);
const grpc = require('@grpc/grpc-js');
const { SAY } = require('./definition.mjs');
const { outage } = require('./outage.mjs');

const Client = grpc.makeGenericClientConstructor(SAY, 'test.Echo');
void outage(createBreakers, (target, options) => new Client(target, grpc.credentials.createInsecure(), options), telemetry);
