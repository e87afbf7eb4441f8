const COMMA = 44;
const ZERO = 48;
const MINUS = 45;
const OPEN = 91;
const CLOSE = 93;
const NEWLINE = 10;
const NULL = [110, 117, 108, 108] as const;

/** Whole numbers up to here are written without fractions on the heap. */
const SMALL = 1_000_000_000;

/** The longest line of numbers: eleven numbers of 17 characters. */
const LONGEST_LINE = 256;

/** A piece of a recording before it is on disk: digits are written by hand, because a text for each line would be garbage for each call. */
export class LineChunk {
  readonly #bytes: Uint8Array;
  #length = 0;
  /** Begins another file. */
  startsPart = false;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  /** What is in it. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** One more line of numbers has room. */
  get hasRoom(): boolean {
    return this.#bytes.length - this.#length >= LONGEST_LINE;
  }

  clear(): void {
    this.#length = 0;
    this.startsPart = false;
  }

  /** Adds a line of text; false where it has no room. */
  text(line: string): boolean {
    const { length } = line;
    // Each UTF-16 unit takes at most three bytes.
    if (this.#bytes.length - this.#length < 3 * length + 1) return false;
    this.#length += Buffer.from(this.#bytes.buffer).write(line, this.#length, 'utf8');
    this.#bytes[this.#length++] = NEWLINE;
    return true;
  }

  begin(first: number): void {
    this.#bytes[this.#length++] = OPEN;
    this.#digits(first);
  }

  /** A further whole number. */
  add(value: number): void {
    this.#bytes[this.#length++] = COMMA;
    this.#digits(value);
  }

  /** Further whole numbers, null for NaN; those NaN that stand last are left out. */
  addAll(values: Float64Array): void {
    let last = values.length;
    while (last > 0 && Number.isNaN(values[last - 1])) last--;
    for (let i = 0; i < last; i++) {
      const value = values[i] as number;
      if (Number.isNaN(value)) this.#addNull();
      else this.add(value);
    }
  }

  end(): void {
    this.#bytes[this.#length++] = CLOSE;
    this.#bytes[this.#length++] = NEWLINE;
  }

  #addNull(): void {
    const bytes = this.#bytes;
    bytes[this.#length++] = COMMA;
    for (const byte of NULL) bytes[this.#length++] = byte;
  }

  #digits(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.#length++] = MINUS;
      rest = -rest;
    }
    if (rest < SMALL) return this.#write(rest, 1);
    const high = Math.floor(rest / SMALL);
    this.#digits(high);
    this.#write(rest - high * SMALL, 9);
  }

  /** Below {@link SMALL}, with zeros before it up to so many digits. */
  #write(value: number, least: number): void {
    const bytes = this.#bytes;
    let digits = 1;
    for (let bound = 10; bound <= value; bound *= 10) digits++;
    if (digits < least) digits = least;
    let at = this.#length + digits;
    this.#length = at;
    let rest = value | 0;
    for (let n = 0; n < digits; n++) {
      const next = (rest / 10) | 0;
      bytes[--at] = ZERO + (rest - next * 10);
      rest = next;
    }
  }
}
