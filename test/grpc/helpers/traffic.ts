import { type Played, play } from './play.ts';
import type { CallType, ScriptedClient } from './scripted-service.ts';

type CallPlan = Parameters<typeof play>[2];

/**
 * Calls at a steady rate, each on its own.
 * @param ratePerSecond - how many
 * @param plan - of each call
 * @param isOver - asked before each call
 */
export async function traffic(
  client: ScriptedClient,
  type: CallType,
  ratePerSecond: number,
  plan: () => CallPlan,
  isOver: (elapsedMs: number) => boolean,
): Promise<Played[]> {
  const calls: Promise<Played>[] = [];
  const startedAt = performance.now();
  for (let elapsedMs = 0; !isOver(elapsedMs); elapsedMs = performance.now() - startedAt) {
    // What a slow timer left out is made up for.
    while (calls.length < (elapsedMs / 1_000) * ratePerSecond) calls.push(play(client, type, plan()));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Promise.all(calls);
}

/** So many good calls, a few at a time, so that a breaker knows what is usual. */
export async function warmUp(
  client: ScriptedClient,
  type: CallType,
  calls: number,
  plan: CallPlan = {},
  atOnce = 4,
): Promise<void> {
  for (let left = calls; left > 0; left -= atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, left) }, () => play(client, type, plan)));
  }
}
