import { type CallOptions, type ClientOptions, Metadata, type ServiceError, status as Status } from '@grpc/grpc-js';
import {
  type BreakersOptions,
  type FallbackInfo,
  fallbackOf,
  type LastGoodOptions,
  type MethodPolicyOptions,
} from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import { type Attached, attachAll } from '../../grpc/helpers/attached.ts';
import { type Answer, type Question, SCRIPTED, type ScriptedClient } from '../../grpc/helpers/scripted-service.ts';

/** How a call ended. */
export interface Asked {
  /** The response, undefined for none. */
  readonly answer: Answer | undefined;
  /** Its text, or the name of the status that the call failed with. */
  readonly text: string;
  readonly info: FallbackInfo | undefined;
  readonly error: ServiceError | undefined;
  readonly headers: Metadata | undefined;
}

/** Who asks, and how. */
export interface Asker {
  readonly authorization?: string;
  readonly metadata?: Metadata;
  readonly options?: CallOptions;
}

/** Makes a unary call. */
export function ask(client: ScriptedClient, question: Question = {}, asker: Asker = {}): Promise<Asked> {
  const { authorization, metadata = new Metadata(), options = {} } = asker;
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return new Promise((resolve) => {
    let headers: Metadata | undefined;
    const call = client.unary(question, metadata, options, (error, answer) => {
      const text = error === null ? (answer?.text ?? '') : Status[error.code];
      resolve({ answer, text, info: fallbackOf(answer), error: error ?? undefined, headers });
    });
    call.on('metadata', (received: Metadata) => {
      headers = received;
    });
  });
}

/** Breakers of the unary method with a last good answer, on a clock of the test's. */
export interface Remembering extends Attached {
  readonly clock: ManualClock;
  /** A client of the server. */
  readonly client: ScriptedClient;
  /** From now on calls are refused, until `pass`. */
  readonly refuse: () => void;
  readonly pass: () => void;
}

/** What is refused gets the last good answer, or UNAVAILABLE. */
export function remembering(
  target: string,
  lastGood: Partial<LastGoodOptions> = {},
  policy: MethodPolicyOptions = {},
  {
    clock = new ManualClock(1_000),
    client,
    ...options
  }: Omit<BreakersOptions, 'clock'> & { clock?: ManualClock; client?: ClientOptions } = {},
): Remembering {
  const fallback = { sources: [{ lastGood: { maxAge: '10s' as const, ...lastGood } }] };
  const name = [{ service: SCRIPTED, method: 'Unary' }];
  const attached = attachAll({ methods: [{ jitter: 0, rampUp: 0, fallback, ...policy, name }] }, { clock, ...options });
  return {
    ...attached,
    clock,
    client: attached.connect(target, client),
    refuse: () => attached.breaker(target, 'unary').override('forcedOpen'),
    pass: () => attached.breaker(target, 'unary').reset(),
  };
}
