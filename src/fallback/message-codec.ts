import type { MethodDefinition } from '../policy/method-definitions.ts';

/** Turns a method's response messages into bytes and back, so that each call gets a message of its own, exactly as if it had come over the wire. */
export class MessageCodec {
  readonly #definition: MethodDefinition;

  constructor(definition: MethodDefinition) {
    this.#definition = definition;
  }

  /** The message as bytes. @throws what the stub's serialiser throws */
  encode(message: unknown): Buffer {
    return this.#definition.responseSerialize(message);
  }

  /** A fresh message from bytes. @throws what the stub's deserialiser throws */
  decode(bytes: Buffer): unknown {
    return this.#definition.responseDeserialize(bytes);
  }

  /** A fresh copy of a message. @throws when it does not fit the type */
  copy(message: unknown): unknown {
    return this.decode(this.encode(message));
  }

  /**
   * Whether the type's descriptors have an enum value of this name with the number 0. Serialisers write neither it nor a name that means
   * nothing, so the bytes cannot tell them apart. In a FileDescriptorProto it stands as name (field 1) and number (field 2).
   */
  hasZeroEnumName(name: string): boolean {
    const text = Buffer.from(name);
    const value = Buffer.concat([Buffer.from([0x0a, text.length]), text, Buffer.from([0x10, 0x00])]);
    const files = this.#definition.responseType?.fileDescriptorProtos ?? [];
    return text.length < 128 && files.some((file) => file.includes(value));
  }
}
