import type { AdminOptions } from './admin-options.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The options that environment variables say; undefined where the service is not wanted. */
export function optionsFromEnvironment(environment: Environment): AdminOptions | undefined {
  const address = environment['GRPC_BREAKER_ADMIN'];
  if (address === undefined || address === '') return undefined;
  const read = environment['GRPC_BREAKER_ADMIN_READ_TOKEN'];
  const write = environment['GRPC_BREAKER_ADMIN_WRITE_TOKEN'];
  const dashboard = environment['GRPC_BREAKER_ADMIN_DASHBOARD'];
  return {
    address,
    tokens: { ...(isSet(read) && { read }), ...(isSet(write) && { write }) },
    ...(isSet(dashboard) && { dashboard: { address: dashboard } }),
  };
}

/** An empty variable is one that is not set: what deploys processes often cannot leave one out. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
