/** What a policy names, and code registers. */
export interface NeededNames {
  readonly functions: readonly string[];
  readonly clients: readonly string[];
  readonly signals: readonly string[];
  /** It asks Prometheus. */
  readonly prometheus: boolean;
}

/**
 * Stands for what code registers, which nobody knows here: it has everything that it is asked for, and remembers the names.
 * @param value - what it has under each name
 */
export function anything<T>(value: T): { readonly names: Set<string>; readonly record: Readonly<Record<string, T>> } {
  const names = new Set<string>();
  const has = (key: string | symbol): key is string => {
    if (typeof key === 'symbol') return false;
    names.add(key);
    return true;
  };
  const record = new Proxy<Record<string, T>>(
    {},
    {
      get: (_, key) => (has(key) ? value : undefined),
      has: (_, key) => has(key),
      getOwnPropertyDescriptor: (_, key) => (has(key) ? { value, configurable: true, enumerable: true } : undefined),
    },
  );
  return { names, record };
}
