import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { GuardMessage } from './guard.ts';

/** So much of what a service printed is kept, in characters. */
const KEPT_LOG = 4000;

/** A running service of a test. It ends with the test process at the latest, see `guard.ts`. */
export interface ServiceProcess {
  /** Its process id, and that of its process group. */
  readonly pid: number;
  /** Whether it has not ended yet. */
  readonly running: boolean;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Sends a signal to it and to what it started. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  /** The end of what it printed. */
  log(): string;
}

/**
 * Starts a service.
 * @param command - the program
 * @param args - its arguments
 * @param options - where it runs and what is added to the environment
 * @throws when the program cannot be started
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<ServiceProcess> {
  const guard = fork(join(import.meta.dirname, 'guard.ts'), [command, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    execArgv: [],
    detached: true, // Ctrl-C is for the test process; the guard follows it
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });

  let running = true;
  let printed = '';
  for (const output of [guard.stdout, guard.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-KEPT_LOG);
    });
  }
  const ended = new Promise<void>((resolve) => {
    guard.once('close', () => {
      running = false;
      resolve();
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    guard.on('message', (message: GuardMessage) => {
      if ('started' in message) resolve(message.started);
      else reject(new Error(`cannot start ${command}: ${message.failed}`));
    });
    ended.then(() => reject(new Error(`${command} did not start:\n${printed}`)), reject);
  });
  return {
    pid,
    get running() {
      return running;
    },
    ended,
    signal: (signal) => {
      if (!running) return;
      try {
        process.kill(-pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has just ended
      }
    },
    log: () => printed,
  };
}
