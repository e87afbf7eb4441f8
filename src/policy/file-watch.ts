import { type FSWatcher, unwatchFile, watch, watchFile } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';

/** Links are followed so far, as the kernel does. */
const MOST_LINKS = 40;

/**
 * Tells that a file may be another one by now. It listens to the folders on the way to the file in which a rename would show: an editor's, or the one by
 * which Kubernetes swaps a ConfigMap (`..data`). And it looks at the file itself every so often, for file systems that tell nothing. It keeps no process alive.
 */
export class FileWatch {
  readonly #file: string;
  readonly #onHint: () => void;
  readonly #onStat = (): void => this.#hint();
  readonly #folders = new Map<string, { readonly watcher: FSWatcher; names: ReadonlySet<string> }>();
  #isClosed = false;

  /**
   * @param pollMs - it looks at the file this often
   * @param onHint - told often, and in vain; never after `close`
   */
  constructor(file: string, pollMs: number, onHint: () => void) {
    this.#file = resolve(file);
    this.#onHint = onHint;
    // It follows links.
    watchFile(this.#file, { interval: pollMs, persistent: false }, this.#onStat);
    void this.#follow();
  }

  /** Ends it. */
  close(): void {
    this.#isClosed = true;
    unwatchFile(this.#file, this.#onStat);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #hint(): void {
    if (this.#isClosed) return;
    this.#onHint();
    // Links may lead elsewhere now.
    void this.#follow();
  }

  /** Listens to the folders that are on the way now, and no more to those that were. */
  async #follow(): Promise<void> {
    const turns = await turnsOf(this.#file);
    if (this.#isClosed) return;
    const before = new Set(this.#folders.keys());
    for (const [folder, { watcher }] of this.#folders) if (!turns.has(folder)) this.#drop(folder, watcher);
    for (const [folder, names] of turns) {
      const known = this.#folders.get(folder);
      if (known === undefined) this.#listen(folder, names);
      else known.names = names;
    }
    // What changed before it was listened to was told to nobody.
    if ([...this.#folders.keys()].some((folder) => !before.has(folder))) this.#hint();
  }

  #listen(folder: string, names: ReadonlySet<string>): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // Some systems tell no name.
        if (name === null || this.#folders.get(folder)?.names.has(name) !== false) this.#hint();
      });
      // The folder is gone, or there are too many watchers: looking every so often has to do.
      watcher.on('error', () => this.#drop(folder, watcher));
      this.#folders.set(folder, { watcher, names });
    } catch {
      // As above.
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#folders.get(folder)?.watcher === watcher) this.#folders.delete(folder);
  }
}

/**
 * Where a rename can make a path lead elsewhere: the folder of each link on the way, and that of the file at its end, each with the name that counts
 * there.
 */
async function turnsOf(file: string): Promise<Map<string, Set<string>>> {
  const turns = new Map<string, Set<string>>();
  const { root } = parse(file);
  let folder = root;
  let rest = partsOf(file);
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...behind] = rest;
    const link = await targetOf(join(folder, name));
    if (link !== undefined || behind.length === 0) turns.set(folder, (turns.get(folder) ?? new Set()).add(name));
    if (link === undefined) {
      folder = join(folder, name);
      rest = behind;
    } else {
      if (++links > MOST_LINKS) break;
      rest = [...partsOf(resolve(folder, link)), ...behind];
      folder = root;
    }
  }
  return turns;
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '');
}

/** Where a link leads; undefined for what is none. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}
