import { fileURLToPath } from 'node:url';
import {
  type Client,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Breakers } from '../../src/index.ts';
import { StubChannel } from '../grpc/stub-channel.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** Calls under way at a time, in the busy variant: they share the turn of the event loop that a local answer waits for. */
const LANES = 64;

type Callback = (error: ServiceError | null, response?: object) => void;

/** A client of the Open Inference Protocol. */
interface InferenceClient extends Client {
  readonly ModelInfer: (request: object, callback: Callback) => ClientUnaryCall;
}

/** A refused prediction, with and without a fallback message, beside one that the stubbed transport answers. For information. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const Inference = loadInference();
  const response = {
    model_name: 'iris',
    id: '',
    outputs: [{ name: 'predict', datatype: 'INT64', shape: [1], contents: { int64_contents: [0] } }],
  };
  const { ModelInfer } = Inference.service;
  if (ModelInfer === undefined) throw new Error('open_inference.proto has no ModelInfer');
  const stub = new StubChannel({ message: ModelInfer.responseSerialize(response), count: 1 });
  const client = (breakers: Breakers) =>
    new Inference('stub', credentials.createInsecure(), {
      ...breakers.clientOptions('stub'),
      channelOverride: stub,
    }) as unknown as InferenceClient;

  const passing = entry.createBreakers();
  const refusing = entry.createBreakers();
  const method = {
    name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }],
    fallback: { sources: [{ message: response }] },
  };
  const answering = entry.createBreakers({ methods: [method] }, { services: [Inference.service] });
  const clients: Record<string, InferenceClient> = {
    answered: client(passing),
    refused: client(refusing),
    fallback: client(answering),
  };
  for (const [name, each] of Object.entries(clients)) await predict(each, name === 'refused');
  for (const breaker of [...refusing.list(), ...answering.list()]) breaker.override('forcedOpen');

  const result = await pairedRounds(
    Object.entries(clients).flatMap(([name, each]): Subject[] => [
      { name: `one.${name}`, run: (calls) => inLanes(1, calls, each, name === 'refused') },
      { name: `busy.${name}`, run: (calls) => inLanes(LANES, calls, each, name === 'refused') },
    ]),
    rounds,
  );
  const figures = (load: string, what: string) =>
    Object.keys(clients).map((name) =>
      measurement(
        `rejected.${load}.${name}`,
        `${what}, ${WHAT[name]}`,
        'us',
        result.cost(`${load}.${name}`).map((ns) => ns / 1e3),
      ),
    );
  return [...figures('one', 'one call at a time'), ...figures('busy', `${LANES} calls at a time`)];
}

const WHAT: Readonly<Record<string, string>> = {
  answered: 'answered by the stubbed transport',
  refused: 'refused, UNAVAILABLE',
  fallback: 'refused, answered by a fallback message',
};

function loadInference(): ServiceClientConstructor {
  const file = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));
  const definition = loadPackageDefinition(loadSync(file, { keepCase: true, longs: Number, defaults: true }));
  return (definition as unknown as { inference: { GRPCInferenceService: ServiceClientConstructor } }).inference
    .GRPCInferenceService;
}

async function inLanes(lanes: number, calls: number, client: InferenceClient, mayFail: boolean): Promise<void> {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await predict(client, mayFail);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function predict(client: InferenceClient, mayFail: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    client.ModelInfer({ model_name: 'iris' }, (error) => {
      if (error === null || mayFail) resolve();
      else reject(error);
    });
  });
}
