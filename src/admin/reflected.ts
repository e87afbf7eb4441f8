import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_duration,
  file_google_protobuf_timestamp,
} from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';
import { asProtoc } from './as-protoc.ts';

/** The well-known files that ours import, as protoc would give them. */
const WELL_KNOWN: readonly FileDescriptorProto[] = [file_google_protobuf_duration.proto, file_google_protobuf_timestamp.proto];

/** proto-loader's one file of them. */
const WELL_KNOWN_PACKAGE = 'google.protobuf';

interface Described {
  readonly fileDescriptorProtos?: readonly Uint8Array[];
}

/**
 * What reflection tells of these services. The descriptors of proto-loader leave out which file imports which (grpc-node#2595), put all
 * well-known types into a file of its own (grpc-node#2958), and name things otherwise than protoc: grpcurl and others could not put them together.
 */
export function reflected(definitions: readonly PackageDefinition[]): PackageDefinition {
  const files = new Map<string, FileDescriptorProto>();
  for (const { fileDescriptorProtos } of definitions.flatMap((definition) => Object.values(definition)) as Described[]) {
    if (!Array.isArray(fileDescriptorProtos)) continue;
    for (const bytes of fileDescriptorProtos as readonly Uint8Array[]) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      if (file.package !== WELL_KNOWN_PACKAGE) files.set(file.name, file);
    }
  }
  for (const file of files.values()) asProtoc(file, WELL_KNOWN);
  const all = [...WELL_KNOWN, ...files.values()].map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file)));
  return { all: { fileDescriptorProtos: all } } as unknown as PackageDefinition;
}
