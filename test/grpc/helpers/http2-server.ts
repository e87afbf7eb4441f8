import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What a server that knows nothing of gRPC does with a call. */
export type Http2Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A plain http2 server, for what no gRPC server would do. */
export interface Http2Server {
  readonly target: string;
  /** Calls that came. */
  readonly calls: number;
  stop(): Promise<void>;
}

/** Headers of a gRPC response that has begun. */
export const GRPC_HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

/** One framed message. */
export function framed(message: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Starts it on a free port of loopback. */
export async function startHttp2Server(answer: Http2Answer): Promise<Http2Server> {
  let calls = 0;
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    calls++;
    stream.on('error', () => {});
    answer(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    stop: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
