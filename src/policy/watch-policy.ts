import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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
  const times = {
    settleMs: durationOf(options.settle ?? '100ms', 'settle'),
    pollMs: durationOf(options.pollEvery ?? '2s', 'pollEvery'),
  };
  const seen = readNow(file);
  try {
    return new PolicyFile(file, times, seen, policyIn(seen, file));
  } catch (error) {
    if (!(error instanceof ConfigError) || options.otherwise === undefined) throw error;
    return new PolicyFile(file, times, seen, options.otherwise, error.problems);
  }
}

/** What stands in a file at a moment; an error where it cannot be read. */
interface Seen {
  readonly text: string | undefined;
  readonly error: string | undefined;
}

function readNow(file: string): Seen {
  try {
    return { text: readFileSync(file, 'utf8'), error: undefined };
  } catch (error) {
    return { text: undefined, error: (error as Error).message };
  }
}

async function readSoon(file: string): Promise<Seen> {
  try {
    return { text: await readFile(file, 'utf8'), error: undefined };
  } catch (error) {
    return { text: undefined, error: (error as Error).message };
  }
}

/** @throws ConfigError where there is none, or a bad one */
function policyIn({ text, error }: Seen, file: string): Policy {
  const what = `policy ${file}`;
  if (text === undefined) throw new ConfigError(what, [{ path: '', message: `cannot be read: ${error}` }]);
  return readPolicy(text, { what, file, isJson: file.endsWith('.json'), env: process.env });
}

/** In milliseconds. */
interface Times {
  readonly settleMs: number;
  readonly pollMs: number;
}

class PolicyFile implements WatchedPolicy {
  readonly file: string;
  readonly policy: Policy;
  readonly #times: Times;
  /** Of the start, for the first to listen. */
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

  constructor(file: string, times: Times, taken: Seen, policy: Policy, problems: readonly ConfigProblem[] = []) {
    this.file = file;
    this.policy = policy;
    this.#times = times;
    this.#taken = taken;
    this.#problems = problems;
  }

  subscribe(listener: WatchedPolicyListener): () => void {
    const own: WatchedPolicyListener = { changed: (policy) => listener.changed(policy), refused: (why) => listener.refused(why) };
    this.#listeners.add(own);
    const problems = this.#problems;
    this.#problems = [];
    if (problems.length > 0) queueMicrotask(() => this.#listeners.has(own) && own.refused(problems));
    // What has changed since it was loaded is found by looking at once.
    this.#watch ??= new FileWatch(this.file, this.#times.pollMs, () => void this.#look());
    void this.#look();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#candidate = undefined;
  }

  /** Reads the file; a hint that comes meanwhile makes it read once more. */
  async #look(): Promise<void> {
    this.#isHinted = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isHinted && this.#watch !== undefined) {
      this.#isHinted = false;
      const seen = await readSoon(this.file);
      if (this.#watch !== undefined) this.#consider(seen);
    }
    this.#isReading = false;
  }

  #consider(seen: Seen): void {
    if (isSame(seen, this.#taken)) {
      // It was something else for a moment, such as empty, and is as it was.
      this.#candidate = undefined;
      clearTimeout(this.#timer);
    } else if (this.#candidate === undefined || !isSame(seen, this.#candidate)) {
      this.#candidate = seen;
      this.#waitForIt();
    }
  }

  #waitForIt(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#confirm(), this.#times.settleMs).unref();
  }

  /** Takes the candidate, if it still stands there. */
  async #confirm(): Promise<void> {
    const seen = await readSoon(this.file);
    if (this.#watch === undefined || this.#candidate === undefined) return;
    if (isSame(seen, this.#candidate)) this.#take(seen);
    else this.#consider(seen);
  }

  #take(seen: Seen): void {
    this.#taken = seen;
    this.#candidate = undefined;
    let policy: Policy;
    try {
      policy = policyIn(seen, this.file);
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [{ path: '', message: String(error) }];
      for (const listener of [...this.#listeners]) listener.refused(problems);
      return;
    }
    for (const listener of [...this.#listeners]) listener.changed(policy);
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
