import { GCProfiler } from 'node:v8';

/** The flags of a process that measures allocation: a young generation so large that no collection comes between two looks at it. */
export const ALLOCATION_FLAGS: readonly string[] = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];

/** Calls in one go. A loop that runs for long is entered before it is compiled, and what it allocates until then would count. */
const CHUNK = 1_000;

/** After this long a loop is compiled for good, which happens beside it. */
const HOT_MS = 100;

/**
 * Bytes that a call of the subject allocates: by how much the heap grows over `calls` of them. Nothing may be collected meanwhile,
 * which is checked, so that what is dropped at once counts as well as what is kept.
 */
export function bytesPerCall(run: (calls: number) => void, calls: number): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error(`measuring allocation needs node ${ALLOCATION_FLAGS.join(' ')}`);
  const hot = performance.now() + HOT_MS;
  while (performance.now() < hot) run(CHUNK);
  gc();
  const collections = new GCProfiler();
  collections.start();
  const before = process.memoryUsage().heapUsed;
  for (let chunk = 0; chunk < calls / CHUNK; chunk++) run(CHUNK);
  const after = process.memoryUsage().heapUsed;
  if ((collections.stop()?.statistics.length ?? 0) > 0) throw new Error('a collection came between; measure fewer calls');
  return (after - before) / (Math.ceil(calls / CHUNK) * CHUNK);
}
