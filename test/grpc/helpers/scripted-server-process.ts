import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A scripted server in a process of its own, which ends with this one at the latest. */
export interface ScriptedServerProcess {
  readonly target: string;
  readonly pid: number;
  /** Kills it as a crash would; settles when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts it.
 * @param port - to come back where another one was
 */
export async function forkScriptedServer(port = 0): Promise<ScriptedServerProcess> {
  const child = fork(join(import.meta.dirname, 'scripted-server-main.ts'), [String(port)], { execArgv: [] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended;
  };
  const target = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(message as string));
    child.once('exit', (code) => reject(new Error(`the scripted server ended with ${code}`)));
  });
  return { target, pid: child.pid as number, kill };
}
