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
export function forkScriptedServer(port = 0): Promise<ScriptedServerProcess> {
  return forkServer('scripted-server-main.ts', port);
}

/**
 * Starts a server that does one call after the other.
 * @param workMs - for so many milliseconds each
 */
export function forkSmallServer(workMs: number): Promise<ScriptedServerProcess> {
  return forkServer('small-server-main.ts', workMs);
}

async function forkServer(program: string, argument: number): Promise<ScriptedServerProcess> {
  const child = fork(join(import.meta.dirname, program), [String(argument)], { execArgv: [] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended;
  };
  const target = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(message as string));
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return { target, pid: child.pid as number, kill };
}
