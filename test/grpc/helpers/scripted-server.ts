import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerOptions,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { runScript } from './script.ts';
import { type Question, Scripted } from './scripted-service.ts';
import { Steps } from './scripted-steps.ts';

/** What a server saw of one call, or of one attempt of a call that is retried. */
export interface SeenCall {
  /** `/pkg.Service/Method`. */
  readonly path: string;
  /** The authority that the caller asked for. */
  readonly host: string;
  readonly metadata: Metadata;
  /** Milliseconds until its deadline when it came, Infinity for none. */
  readonly deadlineLeftMs: number;
  readonly received: Question[];
  /** Answers that the transport has taken. */
  written: number;
  /** The caller has said that it sends no more. */
  halfClosed: boolean;
  cancelled: boolean;
  /** What a script with `steps` waits for. */
  readonly steps: Steps;
}

/** A running server of the scripted service. */
export interface ScriptedServer {
  /** `127.0.0.1:<port>`. */
  readonly target: string;
  /** What it saw since `forget`, in order. */
  readonly calls: SeenCall[];
  /** Connections now. */
  readonly connections: number;
  forget(): void;
  /** Drops all connections, and takes new ones. */
  dropConnections(): void;
  /** Drops all connections and stops listening. */
  stop(): Promise<void>;
}

/**
 * Every method as a stream of bytes both ways, which is the same on the wire: so one handler serves all four call types, and can do
 * what no generated handler lets one do, such as answer a unary call twice or with something that is not a message.
 */
const BYTES: ServiceDefinition = Object.fromEntries(
  Object.entries(Scripted.service).map(([name, definition]) => [
    name,
    {
      ...definition,
      requestStream: true,
      responseStream: true,
      responseSerialize: (answer: unknown) => (Buffer.isBuffer(answer) ? answer : definition.responseSerialize(answer)),
    },
  ]),
);

/** Starts a server of the scripted service in this process, on a port of its own or, to come back, on the given one. */
export async function startScriptedServer(port = 0, options: ServerOptions = {}): Promise<ScriptedServer> {
  const server = new Server(options);
  const sockets = new Set<Socket>();
  let calls: SeenCall[] = [];
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const attempts = new Map<string, number>();
  const handle = (call: ServerDuplexStream<Question, unknown>) => {
    const seen: SeenCall = {
      path: call.getPath(),
      host: call.getHost(),
      metadata: call.metadata,
      deadlineLeftMs: Number(call.getDeadline()) - Date.now(),
      received: [],
      written: 0,
      halfClosed: false,
      cancelled: false,
      steps: new Steps(),
    };
    calls.push(seen);
    runScript(call, seen, attempts, dropConnections);
  };
  server.addService(BYTES, Object.fromEntries(Object.keys(BYTES).map((name) => [name, handle])));

  // Its sockets are ours, so that they can be dropped.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', resolve);
  });

  return {
    target: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    get connections() {
      return sockets.size;
    },
    forget: () => {
      calls = [];
    },
    dropConnections,
    stop: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      server.forceShutdown();
      dropConnections();
      await closed;
    },
  };
}
