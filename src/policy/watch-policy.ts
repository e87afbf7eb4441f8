import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import { FileWatch } from './file-watch.ts';
import type { Policy } from './policy.ts';
import { readPolicy } from './read-policy.ts';
import { type Duration, parseDuration } from './units.ts';
import type { WatchedPolicy, WatchedPolicyListener } from './watched-policy.ts';

/** How a policy's file is watched. */
export interface WatchPolicyOptions {
  /** What stands in the file must stand there unchanged for so long before it is taken: half-written files are waited for. @default '100ms' */
  settle?: Duration;
  /** The file is looked at this often, besides what the file system tells: some tell nothing. @default '2s' */
  pollEvery?: Duration;
  /** The policy until the file holds a good one, should it hold none at the start. @default none: that is an error */
  otherwise?: Policy;
}

/**
 * A policy from a file that is read again whenever it changes, for `createBreakers`. A document that is no good changes nothing, and is reported. Renames
 * over the file, Kubernetes's swap of a ConfigMap and half-written files are all taken for what they are. It keeps no process alive.
 * @param file - path of the file
 * @throws ConfigError as `loadPolicy` does, unless there is `otherwise`; and for options that are none
 */
export function watchPolicy(file: string, options: WatchPolicyOptions = {}): WatchedPolicy {
  const place: Place = {
    file,
    path: resolve(file),
    settleMs: durationOf(options.settle ?? '100ms', 'settle'),
    pollMs: durationOf(options.pollEvery ?? '2s', 'pollEvery'),
  };
  const seen = readNow(place.path);
  try {
    return new PolicyFile(place, seen, policyIn(seen, place));
  } catch (error) {
    if (!(error instanceof ConfigError) || options.otherwise === undefined) throw error;
    return new PolicyFile(place, seen, options.otherwise, error.problems);
  }
}

/** What stands in a file at a moment; an error where it cannot be read. */
interface Seen {
  readonly text: string | undefined;
  readonly error: string | undefined;
}

function readNow(path: string): Seen {
  try {
    return { text: readFileSync(path, 'utf8'), error: undefined };
  } catch (error) {
    return { text: undefined, error: (error as Error).message };
  }
}

async function readSoon(path: string): Promise<Seen> {
  try {
    return { text: await readFile(path, 'utf8'), error: undefined };
  } catch (error) {
    return { text: undefined, error: (error as Error).message };
  }
}

/** @throws ConfigError where there is none, or a bad one */
function policyIn({ text, error }: Seen, { file, path }: Place): Policy {
  const what = `policy ${file}`;
  if (text === undefined) throw new ConfigError(what, [{ path: '', message: `cannot be read: ${error}` }]);
  return readPolicy(text, { what, file: path, isJson: path.endsWith('.json'), env: process.env });
}

/** Where the policy stands, and how it is looked at. */
interface Place {
  /** As it was given. */
  readonly file: string;
  /** The same wherever the process goes. */
  readonly path: string;
  readonly settleMs: number;
  readonly pollMs: number;
}

class PolicyFile implements WatchedPolicy {
  readonly file: string;
  readonly #place: Place;
  #policy: Policy;
  /** Why what stands in the file is not that policy. */
  #problems: readonly ConfigProblem[];
  readonly #listeners = new Set<WatchedPolicyListener>();
  #watch: FileWatch | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What was taken last. */
  #taken: Seen;
  /** What is to be taken, once it has stood for long enough. */
  #candidate: Seen | undefined;
  #isReading = false;
  #isHinted = false;
  #isClosed = false;

  constructor(place: Place, taken: Seen, policy: Policy, problems: readonly ConfigProblem[] = []) {
    this.file = place.file;
    this.#place = place;
    this.#taken = taken;
    this.#policy = policy;
    this.#problems = problems;
  }

  get policy(): Policy {
    return this.#policy;
  }

  subscribe(listener: WatchedPolicyListener): () => void {
    if (this.#isClosed) return () => {};
    const own: WatchedPolicyListener = { changed: (policy) => listener.changed(policy), refused: (why) => listener.refused(why) };
    this.#listeners.add(own);
    const problems = this.#problems;
    if (problems.length > 0) queueMicrotask(() => this.#listeners.has(own) && told(() => own.refused(problems)));
    // What has changed since it was read is found by looking at once.
    this.#watch ??= new FileWatch(this.#place.path, this.#place.pollMs, () => void this.#look());
    void this.#look();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
    clearTimeout(this.#timer);
    this.#candidate = undefined;
  }

  /** Reads the file; a hint that comes meanwhile makes it read once more. */
  async #look(): Promise<void> {
    this.#isHinted = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isHinted && this.#watch !== undefined) {
      this.#isHinted = false;
      const seen = await readSoon(this.#place.path);
      if (this.#watch !== undefined) this.#consider(seen);
    }
    this.#isReading = false;
  }

  #consider(seen: Seen): void {
    if (isSame(seen, this.#taken)) {
      // It was something else for a moment, such as empty, and is as it was.
      this.#candidate = undefined;
      clearTimeout(this.#timer);
      this.#lookAgain();
    } else if (this.#candidate === undefined || !isSame(seen, this.#candidate)) {
      this.#candidate = seen;
      this.#in(this.#place.settleMs, () => this.#confirm());
    }
  }

  /** What could not be read may be readable later without having changed: too many files were open. */
  #lookAgain(): void {
    if (this.#taken.error !== undefined) this.#in(this.#place.pollMs, () => this.#look());
  }

  #in(ms: number, then: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void then(), ms).unref();
  }

  /** Takes the candidate, if it still stands there. */
  async #confirm(): Promise<void> {
    const candidate = this.#candidate;
    const seen = await readSoon(this.#place.path);
    // Meanwhile another one may have become the candidate, and has its own time to stand.
    if (this.#watch === undefined || candidate === undefined || this.#candidate !== candidate) return;
    if (isSame(seen, candidate)) this.#take(seen);
    else this.#consider(seen);
  }

  #take(seen: Seen): void {
    this.#taken = seen;
    this.#candidate = undefined;
    this.#lookAgain();
    try {
      this.#policy = policyIn(seen, this.#place);
      this.#problems = [];
    } catch (error) {
      this.#problems = error instanceof ConfigError ? error.problems : [{ path: '', message: String(error) }];
    }
    const [policy, problems] = [this.#policy, this.#problems];
    for (const listener of [...this.#listeners]) {
      told(() => (problems.length === 0 ? listener.changed(policy) : listener.refused(problems)));
    }
  }
}

/** A listener that throws keeps nothing from the others, and ends no process. */
function told(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning('a listener of a watched policy failed', { type: 'GrpcBreakerWarning', detail });
  }
}

function isSame(one: Seen, other: Seen): boolean {
  return one.text === other.text && one.error === other.error;
}

function durationOf(value: Duration, name: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined && ms > 0) return ms;
  const message = `"${value}" is not a duration; expected a duration with its unit, such as "100ms"`;
  throw new ConfigError('options of watchPolicy', [{ path: name, message }]);
}
