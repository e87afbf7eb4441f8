/** How much more memory a process has, in bytes. */
export interface MemoryGrowth {
  /** V8's heap and what lives outside it on its behalf, after a collection. */
  readonly heap: number;
  /** What the process has from the machine; includes room that the heap keeps for later. */
  readonly rss: number;
}

/** How much a process grows by what `make` makes and keeps. */
export function memoryGrowth(make: () => unknown): MemoryGrowth {
  const before = settled();
  const kept = make();
  const after = settled();
  if (kept === undefined) throw new Error('nothing was kept');
  return { heap: after.heap - before.heap, rss: after.rss - before.rss };
}

function settled(): MemoryGrowth {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('measuring memory needs node --expose-gc');
  for (let time = 0; time < 3; time++) gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
