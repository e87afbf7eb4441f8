const COMMA = 44;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const OPEN = 91;
const CLOSE = 93;
const RETURN = 13;
const N = 110;
const U = 117;
const L = 108;

/** Numbers in a line, at most. */
export const MOST_NUMBERS = 11;

/**
 * Reads a line such as `[3,1200,null,-1]`: whole numbers, NaN for null. By hand, because JSON.parse takes as long as the whole replay of a call.
 * @returns how many numbers there are; -1 where it is no such line
 */
export function parseNumbers(bytes: Uint8Array, from: number, to: number, into: Float64Array): number {
  const end = bytes[to - 1] === RETURN ? to - 2 : to - 1;
  if (bytes[from] !== OPEN || bytes[end] !== CLOSE || end <= from) return -1;
  let at = from + 1;
  let count = 0;
  for (;;) {
    let byte = bytes[at] as number;
    if (count === MOST_NUMBERS) return -1;
    if (byte === N) {
      if (bytes[at + 1] !== U || bytes[at + 2] !== L || bytes[at + 3] !== L) return -1;
      at += 4;
      into[count++] = Number.NaN;
    } else {
      const isNegative = byte === MINUS;
      if (isNegative) byte = bytes[++at] as number;
      const first = at;
      let value = 0;
      while (byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        byte = bytes[++at] as number;
      }
      if (at === first || at - first > 15) return -1;
      into[count++] = isNegative ? -value : value;
    }
    if (at === end) return count;
    if (bytes[at++] !== COMMA) return -1;
  }
}
