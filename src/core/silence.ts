/** Hears a promise's error, so that it does not end the process; anything else than a promise is left alone. */
export function silence(result: unknown, onError: (error: unknown) => void): void {
  const then: unknown = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof then === 'function') then.call(result, undefined, onError);
}
