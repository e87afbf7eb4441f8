/** The prefix of everything that the package reports, written out here so that a change of names fails. */
export const P = 'grpc_breaker.circuit_breaker.';
