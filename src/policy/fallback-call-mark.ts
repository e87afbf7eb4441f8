/** The call option that marks calls made as fallbacks: they get no fallback of their own, so that none can end up asking itself. */
export const FALLBACK_CALL: unique symbol = Symbol.for('grpc-breaker.fallback-call') as never;

/** Whether a call, by its options, is made as another one's fallback. */
export function isFallbackCall(options: object): boolean {
  return (options as { [FALLBACK_CALL]?: unknown })[FALLBACK_CALL] === true;
}
