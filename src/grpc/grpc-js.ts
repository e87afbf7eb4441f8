import { createRequire } from 'node:module';
import type * as GrpcJs from '@grpc/grpc-js';

// grpc-js is loaded when it is first needed, not when this is imported: grpc-breaker/register comes before the application's telemetry, and what
// imports grpc-js before instrumentation-grpc has patched it keeps it from being patched for imports by name.

let loaded: typeof GrpcJs | undefined;

/** Gives the rooms the grpc-js that somebody else has loaded, so that bundlers see an import of it. The first one stays. */
export function useGrpcJs(module: typeof GrpcJs): void {
  loaded ??= module;
}

/** Empty metadata. */
export function newMetadata(): GrpcJs.Metadata {
  loaded ??= createRequire(import.meta.url)('@grpc/grpc-js') as typeof GrpcJs;
  return new loaded.Metadata();
}

/** Credentials of a channel without any. */
export function insecureCredentials(): GrpcJs.ChannelCredentials {
  loaded ??= createRequire(import.meta.url)('@grpc/grpc-js') as typeof GrpcJs;
  return loaded.ChannelCredentials.createInsecure();
}

/** gRPC's status codes, which are the same for ever. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** What a call hands on to the calls that are made for it, as bits of `propagate_flags`. */
export const Propagate = { DEADLINE: 1, CANCELLATION: 8, DEFAULTS: 0xffff } as const;
