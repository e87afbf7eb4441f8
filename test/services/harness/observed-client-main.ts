/**
 * `node observed-client-main.ts TARGET` asks the scripted server at TARGET all the time through breakers, and shows its metrics to Prometheus where
 * OTEL_EXPORTER_PROMETHEUS_HOST and _PORT say. The program of `observed-client.ts`, which tells it by messages how to go about it.
 */
import { credentials } from '@grpc/grpc-js';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { createBreakers, type Signal, type SignalListener } from '../../../src/index.ts';
import { play } from '../../grpc/helpers/play.ts';
import { type Script, scripted } from '../../grpc/helpers/script.ts';
import { SCRIPTED, Scripted } from '../../grpc/helpers/scripted-service.ts';

/** How the client goes about it from now on. What is left out stays as it is. */
export interface Manner {
  /** What it asks the server to do with each call of the model `iris`. */
  readonly script?: Script;
  /** Every breaker is forced open by a person, or not. */
  readonly forced?: boolean;
  /** The signal has readings no more. */
  readonly blind?: boolean;
}

/** One call each so many milliseconds. */
const EVERY_MS = 10;

const [target = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit());
new NodeSDK({ serviceName: 'bot', autoDetectResources: false, instrumentations: [] }).start();

let script: Script = {};
let isBlind = false;
let listener: SignalListener | undefined;
const gpuHot: Signal = {
  subscribe: (ours) => {
    listener = ours;
    return () => {};
  },
};
setInterval(() => {
  if (isBlind) listener?.failed(new Error('the driver does not answer'));
  else listener?.reading({ firing: false });
}, 100);

const HOLD = { name: 'hold', message: { text: 'hold' } };

const breakers = createBreakers(
  {
    methods: [
      {
        // A policy that is being rolled out: the dashboards show what it would do.
        name: [{ service: SCRIPTED, method: 'Upload' }],
        mode: 'observe',
        trip: { consecutiveFailures: 5 },
        fallback: { sources: [HOLD] },
      },
      {
        name: [{ service: SCRIPTED, method: 'Unary' }],
        key: ['target', 'method', 'request.model_name'],
        deadline: '1s',
        // Slowness of a busy test machine trips nothing.
        trip: {
          consecutiveFailures: 5,
          latencySlo: { limit: '500ms', window: '2s' },
          adaptive: { slowdown: 50 },
          signal: 'gpuHot',
        },
        openFor: '200ms',
        backoff: { factor: 1 },
        jitter: 0,
        rampUp: '200ms',
        fallback: {
          on: ['rejected', 'failed'],
          sources: [{ name: 'cached', function: () => undefined }, HOLD],
        },
      },
    ],
  },
  { services: [Scripted.service], signals: { gpuHot }, onWarning: () => {} },
);
const client = new Scripted(target, credentials.createInsecure(), {
  ...breakers.clientOptions(target),
  'grpc.max_reconnect_backoff_ms': 200,
  'grpc.initial_reconnect_backoff_ms': 100,
});

let calls = 0;
setInterval(() => {
  calls++;
  void play(client, 'unary', { requests: [{ model_name: 'iris' }], metadata: scripted(script) });
  if (calls % 10 === 0) void play(client, 'unary', { requests: [{ model_name: 'wine' }] });
  if (calls % 10 === 0) void play(client, 'upload', { metadata: scripted(script) });
  if (calls % 50 === 0) void play(client, 'unary', { requests: [{ model_name: 'iris' }], cancel: 'atOnce' });
}, EVERY_MS);

process.on('message', (manner: Manner) => {
  script = manner.script ?? script;
  isBlind = manner.blind ?? isBlind;
  if (manner.forced !== undefined) for (const breaker of breakers.list()) breaker.override(manner.forced ? 'forcedOpen' : null);
});
process.send?.('ready');
