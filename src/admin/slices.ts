import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';

/** So long the process's calls may be held up at a time. */
const SLICE_MS = 1;

/**
 * Does something for each item, and gives way to the process's calls after each millisecond of it.
 * @returns what it took, without what others did meanwhile, in milliseconds
 */
export async function inSlices<Item>(items: readonly Item[], clock: Clock, work: (item: Item) => void): Promise<number> {
  let since = clock.now();
  let busyMs = 0;
  for (const item of items) {
    work(item);
    const tookMs = clock.now() - since;
    if (tookMs < SLICE_MS) continue;
    busyMs += tookMs;
    await turn();
    since = clock.now();
  }
  return busyMs + clock.now() - since;
}
