import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import grpc from '@grpc/grpc-js';

/** What the server is asked to do. */
export interface EchoRequest {
  readonly text?: string;
  /** End with this status instead of answering. */
  readonly code?: grpc.status;
  readonly delayMs?: number;
}

export interface EchoResponse {
  readonly text: string;
}

const toBytes = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const fromBytes = (bytes: Buffer): object => JSON.parse(bytes.toString()) as object;
const codec = {
  requestSerialize: toBytes,
  requestDeserialize: fromBytes,
  responseSerialize: toBytes,
  responseDeserialize: fromBytes,
};

/** The service's definition. */
export const ECHO = {
  Say: { path: '/test.Echo/Say', requestStream: false, responseStream: false, ...codec },
  Repeat: { path: '/test.Echo/Repeat', requestStream: false, responseStream: true, ...codec },
} as const;

/** How a call ended for its caller. */
export interface EchoResult {
  readonly code: number;
  readonly texts: readonly string[];
}

export interface EchoClient extends grpc.Client {
  Say(
    request: EchoRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: grpc.requestCallback<EchoResponse>,
  ): void;
  Repeat(request: EchoRequest, metadata: grpc.Metadata, options: grpc.CallOptions): grpc.ClientReadableStream<EchoResponse>;
}

/** Makes a client; its class is made now, so that an instrumentation that was set up before sees it. */
export function echoClient(target: string, options: grpc.ClientOptions): EchoClient {
  // The instrumentation patches what is required; the module is one and the same.
  createRequire(import.meta.url)('@grpc/grpc-js');
  const Client = grpc.makeGenericClientConstructor(ECHO, 'test.Echo');
  return new Client(target, grpc.credentials.createInsecure(), options) as unknown as EchoClient;
}

/** Makes a unary call and waits for its end. */
export function say(
  client: EchoClient,
  request: EchoRequest = {},
  options: grpc.CallOptions & { group?: string } = {},
): Promise<EchoResult> {
  const metadata = new grpc.Metadata();
  if (options.group !== undefined) metadata.set('group', options.group);
  return new Promise((resolve) => {
    client.Say(request, metadata, options, (error, response) => {
      resolve({ code: error?.code ?? 0, texts: response === undefined ? [] : [response.text] });
    });
  });
}

/** Makes a call with streamed responses and waits for its end. */
export function repeat(client: EchoClient, request: EchoRequest = {}): Promise<EchoResult> {
  const texts: string[] = [];
  return new Promise((resolve) => {
    const call = client.Repeat(request, new grpc.Metadata(), {});
    call.on('data', ({ text }: EchoResponse) => texts.push(text));
    call.on('error', (error: grpc.ServiceError) => resolve({ code: error.code, texts }));
    call.on('end', () => resolve({ code: 0, texts }));
  });
}

/** A gRPC server on the loopback interface. */
export class EchoServer {
  readonly target: string;
  readonly #server: grpc.Server;

  private constructor(server: grpc.Server, port: number) {
    this.#server = server;
    this.target = `127.0.0.1:${port}`;
  }

  static async start(): Promise<EchoServer> {
    const server = new grpc.Server();
    server.addService(ECHO, {
      Say: ({ request }: { request: EchoRequest }, callback: grpc.sendUnaryData<EchoResponse>) => {
        const answer = () =>
          request.code === undefined ? callback(null, { text: request.text ?? '' }) : callback({ code: request.code });
        setTimeout(answer, request.delayMs ?? 0);
      },
      Repeat: (call: grpc.ServerWritableStream<EchoRequest, EchoResponse>) => {
        call.write({ text: call.request.text ?? '' });
        if (call.request.code === undefined) call.end();
        else call.emit('error', { code: call.request.code });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return new EchoServer(server, port);
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

/** A port that takes connections and never says a word: channels to it stay connecting. */
export class SilentPort {
  readonly target: string;
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();

  private constructor(server: TcpServer) {
    this.#server = server;
    this.target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#sockets.add(socket.on('error', () => {})));
  }

  static async open(): Promise<SilentPort> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SilentPort(server);
  }

  /** Closes it; from then on connections are refused. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
