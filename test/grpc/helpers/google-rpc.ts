import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Metadata } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';

// Google's own definitions of google.rpc, as google-gax brings them along, read by protobuf.js.

const folder = join(dirname(createRequire(import.meta.url).resolve('google-gax')), '../protos');
const types = loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [folder],
  keepCase: true,
  longs: Number,
  defaults: true,
});

function typeOf(name: string): MessageTypeDefinition<object, object> {
  const found = types[name];
  if (found === undefined || !('deserialize' in found)) throw new Error(`google.rpc has no ${name}`);
  return found as MessageTypeDefinition<object, object>;
}

/** A google.rpc.Status, its details unpacked. */
export interface RichStatus {
  readonly code: number;
  readonly message: string;
  /** By the names of their types. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What stands in an error's `grpc-status-details-bin`; undefined for nothing. */
export function richStatusOf(metadata: Metadata | undefined): RichStatus | undefined {
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(bytes)) return undefined;
  const status = typeOf('google.rpc.Status').deserialize(bytes) as {
    code: number;
    message: string;
    details: { type_url: string; value: Buffer }[];
  };
  const details = status.details.map(({ type_url: url, value }) => {
    const [domain, name] = url.split('/') as [string, string];
    if (domain !== 'type.googleapis.com') throw new Error(`an odd type: ${url}`);
    return [name, typeOf(name).deserialize(value)];
  });
  return { ...status, details: Object.fromEntries(details) };
}

/** A message of google.rpc in wire format. */
export function googleRpc(name: string, value: object): Buffer {
  return typeOf(`google.rpc.${name}`).serialize(value);
}
