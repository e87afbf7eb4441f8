import { type FSWatcher, unwatchFile, watch, watchFile } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import { basename, join, parse, resolve, sep } from 'node:path';

/** Links are followed so far, as the kernel does. */
const MOST_LINKS = 40;

/** A folder that is listened to. */
interface Listening {
  readonly watcher: FSWatcher;
  /** Tells it from another folder that has its path by now. */
  readonly identity: string;
  /** What counts in it. */
  names: ReadonlySet<string>;
}

/**
 * Tells that a file may be another one by now. It listens to the folders on the way to the file in which a rename would show: an editor's, or the one by
 * which Kubernetes swaps a ConfigMap (`..data`). And it looks at the file itself every so often, for file systems that tell nothing. It keeps no process alive.
 */
export class FileWatch {
  readonly #file: string;
  readonly #onHint: () => void;
  readonly #onStat = (): void => this.#hint();
  readonly #folders = new Map<string, Listening>();
  #isFollowing = false;
  #isOutdated = false;
  #isClosed = false;

  /**
   * @param file - absolute path
   * @param pollMs - it looks at the file this often
   * @param onHint - told often, and in vain; never after `close`
   */
  constructor(file: string, pollMs: number, onHint: () => void) {
    this.#file = file;
    this.#onHint = onHint;
    // It follows links.
    watchFile(file, { interval: pollMs, persistent: false }, this.#onStat);
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

  /** Listens to the folders that are on the way now, and no more to those that were. One at a time: what was found earlier must not win. */
  async #follow(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (this.#isOutdated && !this.#isClosed) {
      this.#isOutdated = false;
      const turns = await turnsOf(this.#file);
      if (!this.#isClosed) this.#listenTo(turns);
    }
    this.#isFollowing = false;
  }

  #listenTo(turns: ReadonlyMap<string, Turn>): void {
    for (const [folder, { identity }] of this.#folders) if (turns.get(folder)?.identity !== identity) this.#drop(folder);
    let isNew = false;
    for (const [folder, turn] of turns) {
      const known = this.#folders.get(folder);
      if (known !== undefined) known.names = turn.names;
      else if (this.#listen(folder, turn)) isNew = true;
    }
    // What changed before it was listened to was told to nobody.
    if (isNew) this.#hint();
  }

  #listen(folder: string, { identity, names }: Turn): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        const listening = this.#folders.get(folder);
        if (listening?.watcher !== watcher) return;
        const isItself = name === basename(folder);
        // It was moved or removed, and another one may be there now. Its watcher would hear nothing of that.
        if (isItself) this.#drop(folder);
        // Some systems tell no name.
        if (isItself || name === null || listening.names.has(name)) this.#hint();
      });
      // There are too many watchers, or it is gone: looking every so often has to do.
      watcher.on('error', () => this.#folders.get(folder)?.watcher === watcher && this.#drop(folder));
      this.#folders.set(folder, { watcher, identity, names });
      return true;
    } catch {
      // As above.
      return false;
    }
  }

  #drop(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }
}

/** A folder in which a path turns. */
interface Turn {
  readonly identity: string;
  readonly names: Set<string>;
}

/**
 * Where a rename can make a path lead elsewhere: the folder of each link on the way, and that of the file at its end, each with the name that counts
 * there.
 */
async function turnsOf(file: string): Promise<Map<string, Turn>> {
  const turns = new Map<string, Turn>();
  const { root } = parse(file);
  let folder = root;
  let rest = partsOf(file);
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...behind] = rest;
    const link = await targetOf(join(folder, name));
    if (link !== undefined || behind.length === 0) await addTurn(turns, folder, name);
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

async function addTurn(turns: Map<string, Turn>, folder: string, name: string): Promise<void> {
  const known = turns.get(folder);
  if (known !== undefined) {
    known.names.add(name);
    return;
  }
  try {
    const { dev, ino } = await stat(folder);
    turns.set(folder, { identity: `${dev}:${ino}`, names: new Set([name]) });
  } catch {
    // There is none: nothing to listen to.
  }
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
