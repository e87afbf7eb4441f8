/** The call option that marks calls made as fallbacks: they get no fallback of their own, so that none can end up asking itself. */
export const FALLBACK_CALL: unique symbol = Symbol.for('grpc-breaker.fallback-call') as never;
