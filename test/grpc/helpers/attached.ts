import { type Client, type ClientOptions, credentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import {
  type Breaker,
  type BreakerEvent,
  type Breakers,
  type BreakersEvent,
  type BreakersOptions,
  createBreakers,
  type MethodPolicyOptions,
  type Policy,
} from '../../../src/index.ts';
import { play } from './play.ts';
import { turns } from './quiet.ts';
import {
  CALL_TYPES,
  type CallType,
  methodName,
  Scripted,
  type ScriptedClient,
  type ScriptedClientConstructor,
} from './scripted-service.ts';

/** A client without breakers. It is closed when the test ends. */
export function connect(
  target: string,
  options: ClientOptions = {},
  Client: ScriptedClientConstructor = Scripted,
): ScriptedClient {
  const client = new Client(target, credentials.createInsecure(), {
    // A channel of its own, that comes back quickly.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 200,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** Waits until a client has a connection. */
export function ready(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 5_000, (error) => (error === undefined ? resolve() : reject(error)));
  });
}

/** Breakers of a test, and what they did. */
export interface Attached {
  readonly breakers: Breakers;
  readonly events: readonly BreakerEvent[];
  readonly warnings: readonly string[];
  /** A client with these breakers. It is closed when the test ends. */
  readonly connect: (target: string, options?: ClientOptions, Client?: ScriptedClientConstructor) => ScriptedClient;
  /** The breaker of a method, after the first call to it. */
  readonly breaker: (target: string, type: CallType, key?: string) => Breaker;
  /** Makes a good call of each type, so that their breakers exist, and trips them. */
  readonly open: (target: string, types?: readonly CallType[]) => Promise<void>;
}

/** Breakers of one policy for every method. */
export function attach(policy: MethodPolicyOptions = {}, options: BreakersOptions = {}): Attached {
  return attachAll({ methods: [{ jitter: 0, ...policy }] }, options);
}

/** Breakers of a whole policy. */
export function attachAll(policy: Policy, options: BreakersOptions = {}): Attached {
  const warnings: string[] = [];
  const breakers = createBreakers(policy, {
    services: [Scripted.service],
    telemetry: false,
    onWarning: (message, error) => warnings.push(`${message}: ${(error as Error).message}`),
    ...options,
  });
  const events: BreakerEvent[] = [];
  breakers.subscribe((event) => void (isOfBreaker(event) && events.push(event)));
  const find = (target: string, type: CallType, key = '') => {
    const name = `${target}/${methodName(type)}${key}`;
    const breaker = breakers.get(name);
    if (breaker === undefined) throw new Error(`no breaker ${name}; there are ${breakers.list().map((other) => other.name)}`);
    return breaker;
  };
  return {
    breakers,
    events,
    warnings,
    connect: (target, clientOptions, Client) => connect(target, breakers.clientOptions(target, clientOptions), Client),
    breaker: find,
    open: async (target, types = CALL_TYPES) => {
      const client = connect(target, breakers.clientOptions(target));
      await Promise.all(types.map((type) => play(client, type)));
      for (const type of types) find(target, type).trip('by the test');
      await turns(1); // Listeners hear of it in the next turn.
    },
  };
}

function isOfBreaker(event: BreakersEvent): event is BreakerEvent {
  return event.type === 'transition' || event.type === 'override' || event.type === 'mode';
}
