import { fileURLToPath } from 'node:url';
import type { ClientOptions } from '@grpc/grpc-js';
import type { TracerProvider } from '@opentelemetry/api';
import { type Breakers, createBreakers, fallbackOf, loadPolicy, type State } from '../../src/index.ts';
import { recordCalls } from '../../src/recording/record-calls.ts';
import type { Source } from './call-log.ts';
import type { InferResponse } from './inference/messages.ts';
import { InferenceClass } from './inference/service.ts';

/** A breaker changed its state. */
export interface StateChange {
  /** In milliseconds from the start of the run. */
  readonly atMs: number;
  readonly breaker: string;
  readonly from: State;
  readonly to: State;
  /** Why: the name of the trip condition, for instance. */
  readonly reason: string;
}

/** All that the demo uses of grpc-breaker. */
export interface Protection {
  /** Options for a client whose calls are protected. */
  readonly clientOptions: (address: string, options: ClientOptions) => ClientOptions;
  /** Tells the model's answers from fallbacks. */
  readonly sourceOf: (response: InferResponse) => Source;
  /** Hears state changes, until the returned function is called. */
  readonly watch: (listener: (change: Omit<StateChange, 'atMs'>) => void) => () => void;
  /** For the dashboard. */
  readonly breakers: Breakers;
  /** Ends their telemetry, and their recording. */
  readonly dispose: () => Promise<void>;
}

const POLICY = fileURLToPath(new URL('policy.yaml', import.meta.url));

/**
 * Makes the breakers of `policy.yaml`.
 * @param tracerProvider - instead of the registered one
 * @param recordTo - a file that their calls are recorded in
 */
export function protect(tracerProvider?: TracerProvider, recordTo?: string): Protection {
  const telemetry = tracerProvider === undefined ? {} : { tracerProvider };
  const record = recordTo === undefined ? undefined : recordCalls(recordTo);
  const options = { services: [InferenceClass.service], telemetry, ...(record && { record }) };
  const breakers = createBreakers(loadPolicy(POLICY), options);
  return {
    breakers,
    clientOptions: (address, options) => breakers.clientOptions(address, options),
    sourceOf: (response) => {
      const reason = fallbackOf(response)?.reason;
      return reason === 'stale' ? 'failed' : (reason ?? 'model');
    },
    watch: (listener) =>
      breakers.subscribe((event) => {
        if (event.type !== 'transition') return;
        listener({ breaker: event.breaker, from: event.from, to: event.to, reason: event.verdict.reason });
      }),
    dispose: async () => {
      breakers.dispose();
      await record?.close();
    },
  };
}
