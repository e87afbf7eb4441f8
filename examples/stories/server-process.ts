import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, so that it goes on when this one is blocked. */
export interface ServerProcess {
  /** Where it listens. */
  readonly address: string;
  /** Tells it how to behave from now on, and waits until it does. */
  behave(behaviour: object): Promise<void>;
  /** It stops in the middle of what it does, and keeps its connections: a hang. */
  freeze(): void;
  /** Its machine loses power. */
  kill(): Promise<void>;
}

/** Starts a server that uses `serve`. */
export async function startServer(file: URL): Promise<ServerProcess> {
  const child = fork(fileURLToPath(file), { execArgv: [] });
  const exited = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const address = await Promise.race([
    once(child, 'message').then(([text]) => String(text)),
    exited.then(() => Promise.reject(new Error(`${file.pathname} ended before it listened`))),
  ]);
  return {
    address,
    behave: async (behaviour) => {
      const done = once(child, 'message');
      child.send(behaviour);
      await done;
    },
    freeze: () => void child.kill('SIGSTOP'),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
