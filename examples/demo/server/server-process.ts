import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Fault } from './faults.ts';

/** What a starting process says about itself. */
type Report = { readonly listening: number } | { readonly failed: string };

const SCRIPT = fileURLToPath(new URL('model-server.ts', import.meta.url));
const BIND_TRIES = 20;

/** A model server in a process of its own, which can be made ill, killed, and started again on the same port. */
export class ServerProcess {
  readonly #seed: number;
  #child: ChildProcess | undefined;
  #port = 0;
  #stopped = false;

  /** @param seed - decides the fate of single calls under a fault */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Where it listens, once started. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /**
   * Starts a process, on the same port as the one before, and waits until it listens.
   * @throws Error when the process ends or cannot listen
   */
  async start(): Promise<void> {
    for (let tries = 1; !this.#stopped; tries++) {
      const child = fork(SCRIPT, [String(this.#port), String(this.#seed)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      this.#child = child;
      const report = await firstReport(child);
      if (this.#stopped) return;
      if ('listening' in report) {
        this.#port = report.listening;
        return;
      }
      await this.kill();
      // The killed process's port may take a moment to be free.
      if (this.#port === 0 || tries === BIND_TRIES) throw new Error(`the model server could not start: ${report.failed}`);
    }
  }

  /** Makes it ill, or well again. The server obeys as soon as it reads this, without being waited for. */
  inject(fault: Fault): void {
    if (this.#child?.connected) this.#child.send(fault);
  }

  /** Kills the process at once (SIGKILL) and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Kills the process for good: a start that is under way gives up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
  }
}

async function firstReport(child: ChildProcess): Promise<Report> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([report]) => report as Report),
      once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => ({
        failed: `its process ended (${signal ?? `code ${code}`})`,
      })),
    ]);
  } finally {
    ended.abort();
  }
}
