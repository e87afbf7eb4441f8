import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Metadata } from '@grpc/grpc-js';

/** What google.rpc.ErrorInfo says. */
export interface FoundErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Record<string, string>;
}

/** Reads the fields of a message that are texts or messages, in order. */
function fieldsOf(bytes: Uint8Array): [field: number, value: Uint8Array][] {
  const reader = new BinaryReader(bytes);
  const found: [number, Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === 2) found.push([field, reader.bytes()]);
    else reader.skip(type);
  }
  return found;
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const one = (bytes: Uint8Array, field: number) => fieldsOf(bytes).find(([own]) => own === field)?.[1];

/** The google.rpc.ErrorInfo in an error's `grpc-status-details-bin`, read as any client's rich-error helper does; undefined for none. */
export function errorInfoIn(metadata: Metadata | undefined): FoundErrorInfo | undefined {
  const [status] = metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(status)) return undefined;
  for (const [field, detail] of fieldsOf(status)) {
    if (field !== 3 || text(one(detail, 1)) !== 'type.googleapis.com/google.rpc.ErrorInfo') continue;
    const info = one(detail, 2) ?? new Uint8Array();
    const entries = fieldsOf(info).flatMap(([own, entry]) => (own === 3 ? [[text(one(entry, 1)), text(one(entry, 2))]] : []));
    return { reason: text(one(info, 1)), domain: text(one(info, 2)), metadata: Object.fromEntries(entries) };
  }
  return undefined;
}
