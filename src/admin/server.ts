import { statSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server as SocketServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ListenAddress } from './listen-address.ts';

/** Connections beyond are refused. */
const MOST_CONNECTIONS = 500;

/** Calls under way get so long to end when the service is closed. */
const GRACE_MS = 1_000;

/** Makes the server: requests are small, dead peers are found, and nobody opens calls without bound. */
export function makeServer(maxWatchers: number): Server {
  return new Server({
    'grpc.max_receive_message_length': 512 * 1_024,
    'grpc.max_concurrent_streams': maxWatchers + 100,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
  });
}

/** A server that listens. */
export interface Listening {
  /** 0 for a unix socket. */
  readonly port: number;
  /** Never rejects. */
  close(): Promise<void>;
}

/**
 * Listens with a socket of our own, which hands its connections to the server: neither that socket nor the connections keep the process alive.
 * @throws Error that says what to do, where the address cannot be had
 */
export async function listen(
  server: Server,
  { listen: where }: ListenAddress,
  credentials?: ServerCredentials,
): Promise<Listening> {
  const injector = server.createConnectionInjector(credentials ?? ServerCredentials.createInsecure());
  const socketServer = createServer((socket) => {
    socket.unref();
    // grpc-js hears of what goes wrong with its session; before there is one, nobody does.
    socket.on('error', () => socket.destroy());
    injector.injectConnection(socket);
  });
  socketServer.maxConnections = MOST_CONNECTIONS;
  try {
    await bound(socketServer, where);
  } catch (error) {
    if (!('path' in where) || !(await isLeftBehind(error, where.path))) throw error;
    unlinkSync(where.path);
    await bound(socketServer, where);
  }
  socketServer.unref();
  socketServer.on('error', () => {});
  const address = socketServer.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      socketServer.close();
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, GRACE_MS);
        injector.drain(GRACE_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}

function bound(server: SocketServer, where: ListenAddress['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const what = 'path' in where ? where.path : `${where.host}:${where.port}`;
      const hint = error.code === 'EADDRINUSE' ? '; another process has it, choose another port, or 0 for a free one' : '';
      reject(new Error(`the admin service cannot listen on ${what}: ${error.message}${hint}`, { cause: error }));
    };
    server.once('error', failed);
    // Workers of a cluster would share the port, and nobody could tell which of them answers.
    server.listen({ ...where, exclusive: true }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}

/** Whether a socket is there that nobody listens at any more: that of a process that was killed. */
function isLeftBehind(error: unknown, path: string): Promise<boolean> {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (cause?.code !== 'EADDRINUSE') return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(path);
    const found = (isLeft: boolean): void => {
      probe.destroy();
      resolve(isLeft);
    };
    probe.once('connect', () => found(false));
    // A file that is no socket refuses connections, too.
    probe.once('error', ({ code }: NodeJS.ErrnoException) => found(code === 'ECONNREFUSED' && isSocket(path)));
  });
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
