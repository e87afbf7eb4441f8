import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const taken = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * A port on loopback that nobody listens on. It is below the range that the system takes for outgoing connections: a dead
 * server's port must not be given to somebody else, nor a client be connected to itself, before the server is back.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
}
