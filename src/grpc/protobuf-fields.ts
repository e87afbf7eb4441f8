/** Wire types of https://protobuf.dev/programming-guides/encoding/. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A varint has at most 10 bytes. */
const LONGEST_VARINT = 10;

const NONE = new Uint8Array(0);

/**
 * Reads the fields of a protobuf message one after the other. Bounded by its bytes, and it never throws: what is cut off or malformed ends it, and
 * shows in `isBroken`. Groups, which proto3 does not have, are malformed too.
 */
export class Fields {
  readonly #all: Uint8Array;
  #at = 0;
  /** The number of the field that was read last. */
  field = 0;
  /** Its value where it is a varint, else 0. Over 2 ** 53 it is only about right. */
  number = 0;
  /** Its bytes where it has a length, else none. */
  bytes: Uint8Array = NONE;
  /** The message ended where it should not, or is none. */
  isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#all = bytes;
  }

  /** Goes to the next field; false when there is none, or what is there cannot be read. */
  next(): boolean {
    if (this.isBroken || this.#at >= this.#all.length) return false;
    const tag = this.#varint();
    const type = tag % 8;
    this.field = Math.floor(tag / 8);
    this.number = 0;
    this.bytes = NONE;
    if (this.field === 0) this.isBroken = true;
    else if (type === VARINT) this.number = this.#varint();
    else if (type === BYTES) this.bytes = this.#take(this.#varint());
    else if (type === FIXED64) this.#take(8);
    else if (type === FIXED32) this.#take(4);
    else this.isBroken = true;
    return !this.isBroken;
  }

  #varint(): number {
    let value = 0;
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const byte = this.#all[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#all.length) this.isBroken = true;
    const taken = this.isBroken ? NONE : this.#all.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
