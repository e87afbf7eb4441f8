import { Metadata, Server, ServerCredentials, type ServerUnaryCall, status as Status, type sendUnaryData } from '@grpc/grpc-js';
import { type Answer, type Question, Scripted } from '../../grpc/helpers/scripted-service.ts';

/** A server no two answers of which are the same, so that it can be seen which one a caller got. */
export interface SerialServer {
  /** `127.0.0.1:<port>`. */
  readonly target: string;
  /** Answers given so far. */
  readonly answered: number;
  /** What the next calls do besides: fails them, changes their answer, holds it back. Stays until it is set anew. */
  next: Behaviour;
  stop(): Promise<void>;
}

/** What a call does instead of answering at once. */
export interface Behaviour {
  /** The status it ends with. */
  readonly code?: Status;
  /** Bytes of payload. */
  readonly size?: number;
  readonly answer?: Partial<Answer> & { note?: string };
  readonly headers?: Metadata;
  readonly trailers?: Metadata;
  /** Called before it answers; waited for. */
  readonly before?: () => unknown;
}

/** Starts one in this process. Its answers say who asked, what, and a number: `alice iris 1`. */
export async function startSerialServer(
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<SerialServer> {
  const server = new Server();
  let answered = 0;
  let next: Behaviour = {};
  const unary = async (call: ServerUnaryCall<Question, Partial<Answer>>, done: sendUnaryData<Partial<Answer>>) => {
    const { code = Status.OK, size = 0, answer, headers, trailers = new Metadata(), before } = next;
    const who = call.metadata.get('authorization').join('+') || 'nobody';
    const number = ++answered;
    await before?.();
    if (headers !== undefined) call.sendMetadata(headers);
    if (code !== Status.OK) return done({ code, metadata: trailers });
    const text = `${who} ${call.request.model_name} ${number}`;
    done(null, { text, weights: [number], payload: Buffer.alloc(size, number), ...answer }, trailers);
  };
  server.addService({ Unary: Scripted.service['Unary'] as never }, { Unary: unary as never });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return {
    target: `127.0.0.1:${port}`,
    get answered() {
      return answered;
    },
    get next() {
      return next;
    },
    set next(behaviour) {
      next = behaviour;
    },
    stop: async () => server.forceShutdown(),
  };
}
