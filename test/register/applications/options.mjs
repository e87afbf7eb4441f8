// What GRPC_BREAKER_OPTIONS names.
export default { functions: { neverFails: () => 'success' } };
