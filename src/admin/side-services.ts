import {
  type handleServerStreamingCall,
  Metadata,
  type Server,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type * as ProtoLoader from '@grpc/proto-loader';
import type * as Reflection from '@grpc/reflection';
import type * as Health from 'grpc-health-check';
import { STATUS_CODES } from '../policy/status-codes.ts';
import { endWith, type HandlerMaker } from './handlers.ts';
import { reflected } from './reflected.ts';

const MOST_HEALTH_WATCHERS = 100;

// biome-ignore lint/suspicious/noExplicitAny: its messages are the package's.
type HealthWatch = handleServerStreamingCall<any, any>;

/**
 * Adds the health service: the process serves, and so does the admin service. It needs no token, because what asks it has none.
 * @returns what says that they serve no more
 */
export function addHealth(server: Server, { HealthImplementation }: typeof Health, service: string): () => void {
  const health = new HealthImplementation({ '': 'SERVING', [service]: 'SERVING' });
  health.addToServer({
    addService: (definition: ServiceDefinition, handlers: UntypedServiceImplementation) =>
      server.addService(definition, { ...handlers, watch: bounded(handlers['watch'] as HealthWatch) }),
  });
  return () => {
    health.setStatus('', 'NOT_SERVING');
    health.setStatus(service, 'NOT_SERVING');
  };
}

/** Whoever has no token may watch health: not without bound. */
function bounded(watch: HealthWatch): HealthWatch {
  let watchers = 0;
  return (call) => {
    if (watchers >= MOST_HEALTH_WATCHERS) {
      endWith(call, {
        ...{ code: STATUS_CODES.RESOURCE_EXHAUSTED, metadata: new Metadata() },
        details: `${MOST_HEALTH_WATCHERS} watch the health already; use Check`,
      });
      return;
    }
    watchers++;
    call.once('close', () => {
      watchers--;
    });
    watch(call);
  };
}

/** Adds the reflection service, behind the same tokens as the admin service. */
export function addReflection(
  server: Server,
  { ReflectionService }: typeof Reflection,
  definitions: readonly ProtoLoader.PackageDefinition[],
  make: HandlerMaker,
): void {
  const guarded: Pick<Server, 'addService'> = {
    addService: (service: ServiceDefinition, handlers: UntypedServiceImplementation) =>
      server.addService(service, make.behindTokens(handlers)),
  };
  new ReflectionService(reflected(definitions)).addToServer(guarded);
}
