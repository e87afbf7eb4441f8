import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A server of the raw service, and of predictions, in a process of its own. */
export interface LoopbackServer {
  readonly target: string;
  stop(): void;
}

/** Starts one. */
export async function startLoopbackServer(): Promise<LoopbackServer> {
  const child = fork(new URL('./loopback-server.ts', import.meta.url));
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the loopback server ended with ${String(code)} before it listened`)),
  );
  const [port] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {}); // It ends when it is told to.
  return { target: `127.0.0.1:${String(port)}`, stop: () => child.disconnect() };
}
