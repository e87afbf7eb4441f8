import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type * as ProtoLoader from '@grpc/proto-loader';
import type * as Reflection from '@grpc/reflection';
import type * as Health from 'grpc-health-check';
import type { HandlerMaker } from './handlers.ts';
import { reflected } from './reflected.ts';

/**
 * Adds the health service: the process serves, and so does the admin service. It needs no token, because what asks it has none.
 * @returns what says that they serve no more
 */
export function addHealth(server: Server, { HealthImplementation }: typeof Health, service: string): () => void {
  const health = new HealthImplementation({ '': 'SERVING', [service]: 'SERVING' });
  health.addToServer(server);
  return () => {
    health.setStatus('', 'NOT_SERVING');
    health.setStatus(service, 'NOT_SERVING');
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
