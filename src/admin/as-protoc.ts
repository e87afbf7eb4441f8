import { isFieldSet } from '@bufbuild/protobuf';
import { type DescriptorProto, FieldDescriptorProtoSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';

/**
 * Makes a file's descriptor, as protobuf.js writes it, one that protoc could have written: names of types in full, entries of maps and optional
 * fields as they are known by, and what it imports.
 * @param others - files that it may import
 */
export function asProtoc(file: FileDescriptorProto, others: readonly FileDescriptorProto[]): void {
  for (const message of file.messageType) {
    nameMapEntries(message);
    markOptional(message);
    nameForJson(message);
  }
  const own = new Set(typesOf(file));
  const importable = new Map(others.flatMap((other) => typesOf(other).map((type) => [type, other.name] as const)));
  const imported = new Set<string>();
  const inFull = (name: string, scope: string): string => {
    const bare = name.replace(/^\./, '');
    const from = importable.get(bare);
    if (from !== undefined) imported.add(from);
    const local = [`${scope}.${bare}`, `${file.package}.${bare}`].find((full) => own.has(full));
    return `.${local ?? bare}`;
  };
  for (const message of file.messageType) resolveTypes(message, `${file.package}.${message.name}`, inFull);
  for (const method of file.service.flatMap(({ method: methods }) => methods)) {
    method.inputType = inFull(method.inputType, file.package);
    method.outputType = inFull(method.outputType, file.package);
  }
  file.dependency = [...imported];
}

function typesOf({ package: scope, messageType, enumType }: FileDescriptorProto): string[] {
  return [...messageType.flatMap((message) => nested(message, scope)), ...enumType.map(({ name }) => `${scope}.${name}`)];
}

function nested({ name, nestedType, enumType }: DescriptorProto, scope: string): string[] {
  const full = `${scope}.${name}`;
  return [full, ...nestedType.flatMap((inner) => nested(inner, full)), ...enumType.map((inner) => `${full}.${inner.name}`)];
}

function resolveTypes(message: DescriptorProto, scope: string, inFull: (name: string, scope: string) => string): void {
  for (const field of message.field) {
    if (field.typeName !== '') field.typeName = inFull(field.typeName, scope);
  }
  for (const inner of message.nestedType) resolveTypes(inner, `${scope}.${inner.name}`, inFull);
}

/** As protoc: `page_size` is `pageSize` in JSON. */
function nameForJson({ field: fields, nestedType }: DescriptorProto): void {
  for (const field of fields) field.jsonName = field.name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  for (const inner of nestedType) nameForJson(inner);
}

/** An `optional` field stands alone in a oneof of its name, and says that it does. */
function markOptional({ field: fields, oneofDecl }: DescriptorProto): void {
  for (const field of fields) {
    const isInOneof = isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex);
    if (isInOneof && oneofDecl[field.oneofIndex]?.name === `_${field.name}`) field.proto3Optional = true;
  }
}

/** A map field `would_reject` has the nested type `WouldRejectEntry`: that is how it is known as a map. */
function nameMapEntries({ field: fields, nestedType }: DescriptorProto): void {
  for (const field of fields) {
    const entry = nestedType.find(({ name, options }) => options?.mapEntry === true && name === field.typeName.split('.').at(-1));
    if (entry === undefined) continue;
    entry.name = `${field.name.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Entry`;
    field.typeName = entry.name;
  }
}
