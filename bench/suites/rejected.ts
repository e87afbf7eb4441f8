import type { Breakers } from '../../src/index.ts';
import {
  connectInference,
  Inference,
  type InferenceClient,
  inLanes,
  MODEL_INFER_NAME,
  PREDICTION,
  predict,
  stubInference,
} from '../grpc/inference.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** Calls under way at a time, in the busy variant: they share the turn of the event loop that a local answer waits for. */
const LANES = 64;

const REQUEST = { model_name: 'iris' };

/** A refused prediction, with and without a fallback message, beside one that the stubbed transport answers. For information. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const channelOverride = stubInference();
  const client = (breakers: Breakers) => connectInference('stub', { ...breakers.clientOptions('stub'), channelOverride });

  // What is measured must not depend on how busy the machine is: latency trips nothing.
  const trip = { failureRate: {} };
  const passing = entry.createBreakers({ methods: [{ trip }] });
  const refusing = entry.createBreakers({ methods: [{ trip }] });
  const method = { name: [MODEL_INFER_NAME], trip, fallback: { sources: [{ message: PREDICTION }] } };
  const answering = entry.createBreakers({ methods: [method] }, { services: [Inference.service] });
  const clients: Record<string, InferenceClient> = {
    answered: client(passing),
    refused: client(refusing),
    fallback: client(answering),
  };
  for (const [name, each] of Object.entries(clients)) await predict(each, REQUEST, name === 'refused');
  for (const breaker of [...refusing.list(), ...answering.list()]) breaker.override('forcedOpen');

  const result = await pairedRounds(
    Object.entries(clients).flatMap(([name, each]): Subject[] => {
      const call = () => predict(each, REQUEST, name === 'refused');
      return [
        { name: `one.${name}`, run: (calls) => inLanes(1, calls, call) },
        { name: `busy.${name}`, run: (calls) => inLanes(LANES, calls, call) },
      ];
    }),
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
