import { fileURLToPath } from 'node:url';
import type * as ProtoLoader from '@grpc/proto-loader';
import type { MethodDefinition } from '@grpc/proto-loader';

/** The service's full name. */
export const SERVICE = 'grpc_breaker.admin.v1.Admin';

const FILE = fileURLToPath(new URL('../../protos/grpc_breaker/admin/v1/admin.proto', import.meta.url));

/** Enums as numbers, because that is what they are written from; absent fields of requests as their defaults. */
const OPTIONS: ProtoLoader.Options = { keepCase: true, longs: Number, enums: Number, defaults: true, oneofs: false };

/** Writes a message as it stands on the wire. */
export type Encode = (message: object) => Buffer;

/** What is read from admin.proto. */
export interface Definitions {
  /** For reflection. */
  readonly all: ProtoLoader.PackageDefinition;
  /** For the server. What is written as a response to `List` and `Watch` is handed through: it is bytes already. */
  readonly service: ProtoLoader.ServiceDefinition;
  readonly encodeList: Encode;
  readonly encodeWatch: Encode;
}

/** Reads admin.proto. */
export function loadDefinitions(loader: typeof ProtoLoader): Definitions {
  const all = loader.loadSync(FILE, OPTIONS);
  const plain = all[SERVICE] as ProtoLoader.ServiceDefinition;
  const list = plain['List'] as AnyMethod;
  const watch = plain['Watch'] as AnyMethod;
  return {
    all,
    service: { ...plain, List: handedThrough(list), Watch: handedThrough(watch) },
    encodeList: list.responseSerialize,
    encodeWatch: watch.responseSerialize,
  };
}

type AnyMethod = MethodDefinition<object, object>;

function handedThrough(method: AnyMethod): AnyMethod {
  return { ...method, responseSerialize: (bytes) => bytes as Buffer };
}
