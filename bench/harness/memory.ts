import { setImmediate as nextTurn } from 'node:timers/promises';

/** How much more memory a process has, in bytes. */
export interface MemoryGrowth {
  /** V8's heap and what lives outside it on its behalf, after a collection. */
  readonly heap: number;
  /** What the process has from the machine, when the heap has given back what it keeps for later. */
  readonly rss: number;
}

/** How much a process grows by what `make` makes and keeps. */
export async function memoryGrowth(make: () => Promise<unknown>): Promise<MemoryGrowth> {
  const before = await settled();
  const kept = await make();
  const after = await settled();
  if (kept === undefined) throw new Error('nothing was kept');
  return { heap: after.heap - before.heap, rss: after.rss - before.rss };
}

async function settled(): Promise<MemoryGrowth> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('measuring memory needs node --expose-gc');
  for (let time = 0; time < 3; time++) {
    await nextTurn();
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
