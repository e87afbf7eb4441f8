/** Notes on objects that all copies of this package in the process see: a duplicate install must not lose them. */
export function sharedWeakMap<T>(name: string): WeakMap<object, T> {
  const holder = globalThis as unknown as Record<symbol, WeakMap<object, T> | undefined>;
  const key = Symbol.for(name);
  const map = holder[key] ?? new WeakMap<object, T>();
  holder[key] = map;
  return map;
}
