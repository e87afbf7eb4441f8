import { fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardMessage } from './guard.ts';

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
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-service-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const guard = fork(join(import.meta.dirname, 'guard.ts'), [command, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    execArgv: [],
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);

  let running = true;
  let lastWords = '';
  const readLog = (): string => (running ? readFileSync(logFile, 'utf8').slice(-4000) : lastWords);
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => {
      lastWords = readLog();
      running = false;
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    guard.on('message', (message: GuardMessage) => {
      if ('started' in message) resolve(message.started);
      if ('failed' in message) reject(new Error(`cannot start ${command}: ${message.failed}`));
    });
    ended.then(() => reject(new Error(`${command} did not start:\n${lastWords}`)), reject);
  });
  return {
    pid,
    get running() {
      return running;
    },
    ended,
    signal: (signal) => {
      if (running) process.kill(-pid, signal);
    },
    log: readLog,
  };
}
