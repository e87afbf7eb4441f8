import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import * as protoLoader from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../src/admin/definitions.ts';
import { reflected } from '../../src/admin/reflected.ts';

describe('what reflection tells', () => {
  it('can be put together by others, down to maps, optional fields and well-known types', () => {
    const { all } = reflected([loadDefinitions(protoLoader).all, protoLoader.loadSync(protoPath)]) as unknown as {
      all: { fileDescriptorProtos: Buffer[] };
    };
    const file = all.fileDescriptorProtos.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    expect(file.find(({ name }) => name.includes('admin'))?.dependency.toSorted()).toEqual([
      'google/protobuf/duration.proto',
      'google/protobuf/timestamp.proto',
    ]);
    // Another implementation of Protobuf, and a strict one.
    const set = fromBinary(FileDescriptorSetSchema, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file })));
    const registry = createFileRegistry(set);
    const admin = registry.getService('grpc_breaker.admin.v1.Admin');
    expect(admin?.methods.map(({ name, methodKind }) => `${name} ${methodKind}`)).toEqual([
      ...['List unary', 'Get unary', 'Watch server_streaming', 'ForceOpen unary', 'ForceClosed unary', 'Release unary'],
      ...['Reset unary', 'SetMode unary', 'GetPolicy unary', 'ReloadPolicy unary'],
    ]);
    const fields = (name: string) =>
      Object.fromEntries(
        (registry.getMessage(`grpc_breaker.admin.v1.${name}`)?.fields ?? []).map((field) => [field.name, field]),
      );
    expect(fields('CallCounts')['would_reject']).toMatchObject({ fieldKind: 'map', jsonName: 'wouldReject' });
    expect(fields('Breaker')['in_state']).toMatchObject({
      fieldKind: 'message',
      message: { typeName: 'google.protobuf.Duration' },
    });
    expect(fields('Event')['time']).toMatchObject({ message: { typeName: 'google.protobuf.Timestamp' } });
    expect(fields('SignalChange')['value']).toMatchObject({ presence: 1, oneof: undefined });
    expect(fields('Event')['transition']?.oneof?.name).toBe('kind');
    expect(registry.getService('grpc.health.v1.Health')).toBeDefined();
  });
});
