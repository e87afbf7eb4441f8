import type { ServiceError } from '@grpc/grpc-js';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

// By number, so that grpc-js is not loaded for its names. https://grpc.io/docs/guides/status-codes/
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** A call's error in plain words, with what to do next. */
export function adminError(error: ServiceError, address: string, isTls: boolean): CliError {
  const because = { cause: error };
  const { code, details } = error;
  if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED || code === CANCELLED) {
    const why = code === DEADLINE_EXCEEDED ? 'gave no answer in time' : 'cannot be reached';
    const next = isTls
      ? 'check --address, and that its certificate is for that name and signed by the authority of --ca'
      : 'check --address, and that the process has startAdmin(...) there; a server with TLS needs --tls';
    return new CliError(`the admin service ${address} ${why} (${details})`, next, EXIT.UNREACHABLE, because);
  }
  if (code === UNAUTHENTICATED) {
    const next = 'give its token by --token-file FILE or in GRPC_BREAKER_TOKEN';
    return new CliError(`the admin service ${address} does not know you: ${details}`, next, EXIT.NOT_PERMITTED, because);
  }
  if (code === PERMISSION_DENIED) {
    const next = 'take a token that may write, by --token-file FILE or in GRPC_BREAKER_TOKEN';
    return new CliError(`the admin service ${address} does not let you: ${details}`, next, EXIT.NOT_PERMITTED, because);
  }
  if (code === UNIMPLEMENTED) {
    const next = 'check --address; it must be the admin service of grpc-breaker, of a version that knows this command';
    return new CliError(`${address} has no such admin service (${details})`, next, EXIT.FAILED, because);
  }
  return new CliError(details, undefined, EXIT.FAILED, because);
}
