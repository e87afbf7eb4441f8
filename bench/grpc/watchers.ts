import { Client, credentials } from '@grpc/grpc-js';

// Watchers of an admin service, in a process of their own: what reading costs them is not what telling costs the process that is watched.

/** What the process is told. */
export interface WatchOrder {
  readonly address: string;
  readonly watchers: number;
  /** WatchRequest on the wire. */
  readonly request: readonly number[];
}

const bytes = (message: Buffer): Buffer => message;
let close = (): void => {};

process.on('message', (order: WatchOrder) => {
  close();
  const clients = Array.from({ length: order.watchers }, () => {
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    return new Client(order.address, credentials.createInsecure(), options);
  });
  const path = '/grpc_breaker.admin.v1.Admin/Watch';
  const streams = clients.map((client) => client.makeServerStreamRequest(path, bytes, bytes, Buffer.from(order.request)));
  close = () => {
    for (const stream of streams) stream.cancel();
    for (const client of clients) client.close();
  };
  const first = streams.map(
    (stream) =>
      new Promise<void>((resolve) => {
        stream.on('data', () => resolve());
        stream.on('error', () => {});
      }),
  );
  void Promise.all(first).then(() => process.send?.('watching'));
});
