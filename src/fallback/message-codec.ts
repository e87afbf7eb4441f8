import type { MethodDefinition } from '../policy/method-definitions.ts';

/** Turns a method's response messages into bytes and back. */
export class MessageCodec {
  readonly #definition: MethodDefinition;

  constructor(definition: MethodDefinition) {
    this.#definition = definition;
  }

  /** The message as bytes. @throws what the stub's serialiser throws */
  encode(message: unknown): Buffer {
    return this.#definition.responseSerialize(message);
  }

  /** Whether this is the deserialiser of the same stubs. */
  reads(responseDeserialize: unknown): boolean {
    return this.#definition.responseDeserialize === responseDeserialize;
  }

  /** A fresh message from bytes. @throws what the stub's deserialiser throws */
  decode(bytes: Buffer): unknown {
    return this.#definition.responseDeserialize(bytes);
  }

  /**
   * The value that stands behind this one in an enum of the type's descriptors, where this one has the number 0. Serialisers write neither such
   * a value nor a name that means nothing; whether a field takes its neighbour's name tells them apart. In an EnumDescriptorProto a value
   * (field 2) is its name (field 1) and its number (field 2).
   */
  enumValueAfterZero(name: string): string | undefined {
    const text = Buffer.from(name);
    const value = Buffer.concat([Buffer.from([0x0a, text.length]), text, Buffer.from([0x10, 0x00])]);
    for (const file of this.#definition.responseType?.fileDescriptorProtos ?? []) {
      const end = text.length < 128 ? file.indexOf(value) + value.length : -1;
      // The next value: its tag, its length, its name's tag, the name's length, the name.
      if (end >= value.length && file[end] === 0x12 && file[end + 2] === 0x0a) {
        const length = file[end + 3] ?? 0;
        return file.toString('utf8', end + 4, end + 4 + length);
      }
    }
    return undefined;
  }
}
