/** A property, so that interceptors of every copy of this package in the process have it, and that asking costs next to nothing. */
const ATTACHED: unique symbol = Symbol.for('grpc-breaker.attached') as never;

/** Marks an interceptor, or a provider of one, as this package's: calls that have one are protected already. */
export function markAttached<T extends object>(interceptor: T): T {
  Object.defineProperty(interceptor, ATTACHED, { value: true });
  return interceptor;
}

/** Whether there is one of this package's among interceptors or their providers. */
export function hasAttached(interceptors: readonly unknown[]): boolean {
  for (const interceptor of interceptors) {
    if ((interceptor as { [ATTACHED]?: true } | undefined | null)?.[ATTACHED] === true) return true;
  }
  return false;
}
