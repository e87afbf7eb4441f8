import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

/** How Node calls what watches a folder and what looks at a file, and timers. */
const KINDS: ReadonlySet<string> = new Set(['FSEVENTWRAP', 'STATWATCHER', 'Timeout']);

/**
 * Counts the watchers and timers that are made from now on and still there. Node's own lists do not have them: they leave out what keeps no process
 * alive.
 */
export function livingWatchers(): () => Readonly<Record<'watchers' | 'timers', number>> {
  const living = new Map<number, string>();
  const hook = createHook({
    init: (id, kind) => {
      if (KINDS.has(kind)) living.set(id, kind);
    },
    destroy: (id) => living.delete(id),
  }).enable();
  onTestFinished(() => void hook.disable());
  return () => {
    const timers = [...living.values()].filter((kind) => kind === 'Timeout').length;
    return { watchers: living.size - timers, timers };
  };
}
