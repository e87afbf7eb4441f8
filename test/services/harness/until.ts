import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer.
 * @param what - what is waited for, for the error
 * @param ask - returns undefined or false while there is nothing yet; what it throws ends the waiting
 * @param options - `withinMs`, default 30 s, and the pause between two questions `everyMs`, default 50 ms
 * @throws when the time is over
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const { withinMs = 30_000, everyMs = 50 } = options;
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(everyMs);
  }
}
