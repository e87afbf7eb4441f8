import { createRequire } from 'node:module';
import type * as Protobuf from '@bufbuild/protobuf';
import type * as WellKnown from '@bufbuild/protobuf/wkt';
import type { MethodDefinition, ServiceSource } from '../policy/method-definitions.ts';

type Message = Record<string, unknown>;

/**
 * Services of a descriptor set, with maps as objects. To protobuf.js, which reads such sets, a map is what it is on the wire: a list of entries.
 * @param set - the google.protobuf.FileDescriptorSet that the services were read from
 * @throws for a set that cannot be read
 */
export function withMaps(services: readonly ServiceSource[], set: Uint8Array): ServiceSource[] {
  const types = new Types(set);
  return services.map((service) => {
    const methods = Object.entries(service as Readonly<Record<string, MethodDefinition>>);
    return Object.fromEntries(methods.map(([name, method]) => [name, withMapsOf(method, types)]));
  });
}

function withMapsOf(definition: MethodDefinition, types: Types): MethodDefinition {
  const [input, output] = types.ofMethod(definition.path);
  return {
    ...definition,
    requestSerialize: (value) => definition.requestSerialize(converted(value, input, toEntries)),
    responseSerialize: (value) => definition.responseSerialize(converted(value, output, toEntries)),
    responseDeserialize: (bytes) => converted(definition.responseDeserialize(bytes), output, fromEntries),
  };
}

/** What a message type has besides scalars. */
interface MessageType {
  readonly maps: readonly {
    readonly name: string;
    readonly hasBooleanKeys: boolean;
    readonly value: () => MessageType | undefined;
  }[];
  readonly messages: readonly { readonly name: string; readonly type: () => MessageType | undefined }[];
}

/** FieldDescriptorProto.Type.BOOL. */
const BOOL = 8;

/** The types in a set, by their full names. */
class Types {
  readonly #types = new Map<string, MessageType>();
  readonly #entries = new Map<string, WellKnown.DescriptorProto>();
  readonly #methods = new Map<string, readonly [string, string]>();

  constructor(set: Uint8Array) {
    // Only those who name sets need to load what reads them.
    const load = createRequire(import.meta.url);
    const { fromBinary } = load('@bufbuild/protobuf') as typeof Protobuf;
    const { FileDescriptorSetSchema } = load('@bufbuild/protobuf/wkt') as typeof WellKnown;
    for (const { package: scope, messageType, service } of fromBinary(FileDescriptorSetSchema, set).file) {
      for (const message of messageType) this.#add(message, scope);
      for (const { name, method } of service) {
        const full = scope === '' ? name : `${scope}.${name}`;
        for (const { name: own, inputType, outputType } of method) this.#methods.set(`/${full}/${own}`, [inputType, outputType]);
      }
    }
  }

  /** The types of a method's request and response. */
  ofMethod(path: string): readonly [MessageType | undefined, MessageType | undefined] {
    const [input, output] = this.#methods.get(path) ?? ['', ''];
    const scope = path.slice(1, path.lastIndexOf('/'));
    return [this.#resolve(input, scope, this.#types), this.#resolve(output, scope, this.#types)];
  }

  #add(message: WellKnown.DescriptorProto, scope: string): void {
    const full = scope === '' ? message.name : `${scope}.${message.name}`;
    for (const nested of message.nestedType) this.#add(nested, full);
    if (message.options?.mapEntry === true) this.#entries.set(full, message);
    const fields = message.field.filter(({ typeName }) => typeName !== '');
    const entryOf = (typeName: string) => this.#resolve(typeName, full, this.#entries);
    const maps = fields.flatMap(({ name, typeName }) => {
      const [key, value] = entryOf(typeName)?.field ?? [];
      if (key === undefined || value === undefined) return [];
      const hasBooleanKeys = (key.type as number) === BOOL;
      return [{ name, hasBooleanKeys, value: () => this.#resolve(value.typeName, full, this.#types) }];
    });
    const messages = fields.flatMap(({ name, typeName }) =>
      entryOf(typeName) === undefined ? [{ name, type: () => this.#resolve(typeName, full, this.#types) }] : [],
    );
    this.#types.set(full, { maps, messages });
  }

  /** Names begin with a dot where they are full, as protoc's are; those of protobuf.js are looked for from the inside out. */
  #resolve<T>(name: string, scope: string, known: ReadonlyMap<string, T>): T | undefined {
    if (name === '' || name.startsWith('.')) return known.get(name.slice(1));
    for (let outer = scope; outer !== ''; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const found = known.get(`${outer}.${name}`);
      if (found !== undefined) return found;
    }
    return known.get(name);
  }
}

type Convert = (map: unknown, field: MessageType['maps'][number]) => unknown;

/** A copy with its maps converted, however deep they are; what does not fit its type stays as it is. */
function converted(value: unknown, type: MessageType | undefined, convert: Convert): unknown {
  if (type === undefined || !isObject(value)) return value;
  const copy: Message = { ...value };
  for (const field of type.maps) {
    if (Object.hasOwn(copy, field.name)) copy[field.name] = convert(copy[field.name], field);
  }
  for (const field of type.messages) {
    if (!Object.hasOwn(copy, field.name)) continue;
    const own = copy[field.name];
    const inner = field.type();
    copy[field.name] = Array.isArray(own)
      ? own.map((element) => converted(element, inner, convert))
      : converted(own, inner, convert);
  }
  return copy;
}

function toEntries(map: unknown, { hasBooleanKeys, value }: MessageType['maps'][number]): unknown {
  if (!isObject(map)) return map;
  return Object.entries(map).map(([key, own]) => ({
    // Keys of objects are texts, and every text but the empty one would be true.
    key: hasBooleanKeys && key === 'false' ? false : key,
    value: converted(own, value(), toEntries),
  }));
}

function fromEntries(map: unknown, { hasBooleanKeys, value }: MessageType['maps'][number]): unknown {
  if (!Array.isArray(map)) return map;
  const none = hasBooleanKeys ? 'false' : '';
  const entries = (map as { key?: string | number | boolean; value?: unknown }[]).map(
    ({ key, value: own }): [string, unknown] => [String(key ?? none), converted(own, value(), fromEntries)],
  );
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
