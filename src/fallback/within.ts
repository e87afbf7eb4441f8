/** Something took longer than it was waited for. */
export class TimeoutError extends Error {}

/** The promise's value, or a {@link TimeoutError} when it takes longer. Its late end is taken care of. */
export async function within<T>(promise: Promise<T>, patienceMs: number): Promise<T> {
  if (patienceMs === Infinity) return promise;
  let timer: NodeJS.Timeout | undefined;
  const waitMs = Math.max(0, Math.min(patienceMs, 2 ** 31 - 1));
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${Math.round(waitMs)} ms`)), waitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
