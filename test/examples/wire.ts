/**
 * Protocol Buffers by hand, as https://protobuf.dev/programming-guides/encoding describes them, for tests that a schema has the field numbers it should.
 */

/** Pieces one after the other. */
export function bytes(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** A whole number as plain varint; a negative one as its 64-bit two's complement, as int32 and int64 have it. */
export function number(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Uint8Array.of(...out, Number(rest));
}

/** A field with a whole number or a boolean. */
export function varint(field: number, value: number): Uint8Array {
  return bytes(number(field << 3), number(value));
}

/** A field with a text, bytes, a message or packed numbers. */
export function chunk(field: number, content: string | Uint8Array): Uint8Array {
  const raw = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return bytes(number((field << 3) | 2), number(raw.length), raw);
}

/** Four bytes, little-endian. */
export function float32(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

/** Eight bytes, little-endian. */
export function float64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}
