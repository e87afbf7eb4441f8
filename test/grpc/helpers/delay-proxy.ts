import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that holds back what the server says: a gray failure, without any error. */
export interface DelayProxy {
  /** `127.0.0.1:<port>`. */
  readonly target: string;
  /** By how many milliseconds each piece of an answer is late. */
  delayMs: number;
  stop(): void;
}

/** Starts one in front of a server. */
export async function startDelayProxy(target: string): Promise<DelayProxy> {
  const port = Number(target.split(':')[1]);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket
      .setNoDelay(true)
      .on('error', () => {})
      .on('close', () => sockets.delete(socket));
  };
  const listener = createServer((near) => {
    const far = keep(connect(port, '127.0.0.1'));
    keep(near).pipe(far);
    far.on('data', (bytes) => {
      if (proxy.delayMs === 0) near.write(bytes);
      else setTimeout(() => near.writable && near.write(bytes), proxy.delayMs);
    });
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const proxy: DelayProxy = {
    target: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    delayMs: 0,
    stop: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
