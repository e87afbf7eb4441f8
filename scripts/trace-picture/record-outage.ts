import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Grpc from '@grpc/grpc-js';
import {
  type Client,
  credentials,
  type Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { createBreakers, type MethodPolicyOptions } from '../../src/index.ts';

const PATH = '/inference.GRPCInferenceService/ModelInfer';
const asIs = (bytes: Buffer): Buffer => bytes;
const DEFINITION = {
  infer: {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
} as const;

const POLICY: MethodPolicyOptions = {
  trip: { consecutiveFailures: 4 },
  openFor: '60ms',
  backoff: { factor: 2, max: '1s' },
  jitter: 0,
  trials: 1,
  rampUp: 0,
};

/** Goes through a real outage (a server that fails for a while), and gives all spans of it. */
export async function recordOutage(): Promise<readonly ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  for (const signal of ['LOGS', 'METRICS', 'TRACES']) process.env[`OTEL_${signal}_EXPORTER`] = 'none';
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    instrumentations: [new GrpcInstrumentation()],
    autoDetectResources: false,
  });
  sdk.start();
  // The instrumentation patches what is required.
  const grpc = createRequire(import.meta.url)('@grpc/grpc-js') as typeof Grpc;
  let isSick = false;
  const server = new grpc.Server();
  server.addService(DEFINITION, {
    infer: (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
      isSick ? answer({ code: status.UNAVAILABLE, details: 'out of memory' }) : answer(null, Buffer.alloc(0)),
  });
  const target = `127.0.0.1:${await listen(server)}`;
  const breakers = createBreakers({ methods: [POLICY] });
  const InferenceClient = grpc.makeGenericClientConstructor(DEFINITION, 'inference');
  const client = new InferenceClient(target, credentials.createInsecure(), breakers.clientOptions(target));
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) {
      await infer(client);
      await sleep(16);
    }
  };
  await rounds(3);
  isSick = true;
  await rounds(8);
  isSick = false;
  while (breakers.snapshot()[0]?.state !== 'closed') await rounds(1);
  await rounds(2);
  client.close();
  breakers.dispose();
  server.forceShutdown();
  const spans = exporter.getFinishedSpans();
  await sdk.shutdown();
  // The server's own spans are another program's as a rule.
  return spans.filter(({ name, kind }) => name.startsWith('grpc_breaker.') || kind === 2);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function infer(client: Client): Promise<void> {
  const call = (client as unknown as { infer(request: Buffer, callback: () => void): void }).infer.bind(client);
  return new Promise((resolve) => call(Buffer.alloc(0), () => resolve()));
}
