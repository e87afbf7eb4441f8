import { join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const { google } = loadPackageDefinition(
  loadSync(join(import.meta.dirname, '../../protos/rich_status.proto'), { keepCase: true }),
) as unknown as { google: { rpc: { Encoders: { service: ServiceDefinition } } } };
const { service } = google.rpc.Encoders;

function encode(message: 'Status' | 'RetryInfo' | 'DebugInfo', value: unknown): Buffer {
  const definition = service[message];
  if (definition === undefined) throw new Error(`no encoder of ${message}`);
  return definition.requestSerialize(value);
}

/** A google.rpc.RetryInfo in wire format. */
export function retryInfo(seconds: number, nanos = 0): Buffer {
  return encode('RetryInfo', { retry_delay: { seconds, nanos } });
}

/** A detail of a status. */
export interface Detail {
  readonly type_url: string;
  readonly value: Buffer;
}

/** A detail that is a RetryInfo. */
export function retryDetail(seconds: number, nanos = 0): Detail {
  return { type_url: 'type.googleapis.com/google.rpc.RetryInfo', value: retryInfo(seconds, nanos) };
}

/** A detail that is something else. */
export function debugDetail(detail: string): Detail {
  return { type_url: 'type.googleapis.com/google.rpc.DebugInfo', value: encode('DebugInfo', { detail }) };
}

/** A google.rpc.Status in wire format, as protobuf.js encodes it. */
export function richStatus(details: readonly Detail[]): Buffer {
  return encode('Status', { code: 14, message: 'come back later', details });
}
