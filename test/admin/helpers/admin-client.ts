import {
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const FILE = new URL('../../../protos/grpc_breaker/admin/v1/admin.proto', import.meta.url).pathname;

/** A message as it came. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into it as it is.
export type Message = Readonly<Record<string, any>>;

type Unary = (request: object, metadata: Metadata, callback: (error: Error | null, response: Message) => void) => void;

interface AdminStub extends Client {
  Watch(request: object, metadata: Metadata): ClientReadableStream<Message>;
}

const Stub = (
  loadPackageDefinition(
    loadSync(FILE, { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true }),
  ) as unknown as {
    grpc_breaker: {
      admin: { v1: { Admin: new (address: string, credentials: ChannelCredentials, options?: object) => AdminStub } };
    };
  }
).grpc_breaker.admin.v1.Admin;

/** A method of the service. */
export type Method =
  | 'List'
  | 'Get'
  | 'ForceOpen'
  | 'ForceClosed'
  | 'Release'
  | 'Reset'
  | 'SetMode'
  | 'GetPolicy'
  | 'ReloadPolicy';

/** A client as others would write it, from admin.proto alone. */
export class AdminClient {
  readonly #stub: AdminStub;
  readonly #metadata = new Metadata();

  constructor(
    address: string,
    given: { token?: string; user?: string; credentials?: ChannelCredentials; options?: object } = {},
  ) {
    this.#stub = new Stub(address, given.credentials ?? credentials.createInsecure(), given.options);
    if (given.token !== undefined) this.#metadata.set('authorization', `Bearer ${given.token}`);
    if (given.user !== undefined) this.#metadata.set('x-grpc-breaker-user', given.user);
  }

  call(method: Method, request: object = {}): Promise<Message> {
    return new Promise((resolve, reject) => {
      const unary = (this.#stub as unknown as Record<Method, Unary>)[method].bind(this.#stub);
      unary(request, this.#metadata, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
  }

  watch(request: object = {}): ClientReadableStream<Message> {
    return this.#stub.Watch(request, this.#metadata);
  }

  close(): void {
    this.#stub.close();
  }
}
