import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineChunk } from '../../src/recording/line-chunk.ts';
import { MOST_NUMBERS, parseNumbers } from '../../src/recording/parse-numbers.ts';

const into = new Float64Array(MOST_NUMBERS);

function parse(text: string): number[] | undefined {
  const bytes = Buffer.from(text);
  const count = parseNumbers(bytes, 0, bytes.length, into);
  return count < 0 ? undefined : [...into.subarray(0, count)];
}

const numbers = fc.array(fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: 0, max: 99_999_999_999_999 })), {
  minLength: 1,
  maxLength: MOST_NUMBERS,
});

it('reads what is written, as JSON has it', () => {
  fc.assert(
    fc.property(numbers, ([first = 0, ...more]) => {
      const chunk = new LineChunk(1_024);
      chunk.begin(first);
      for (const value of more) chunk.add(value);
      chunk.end();
      const text = Buffer.from(chunk.bytes).toString();
      expect(JSON.parse(text)).toEqual([first, ...more]);
      expect(parse(text.trimEnd())).toEqual([first, ...more]);
    }),
  );
});

it.for([
  ['[1,null,3]', [1, Number.NaN, 3]],
  ['[0]\r', [0]],
  ['[1,2', undefined],
  ['[1,,2]', undefined],
  ['[1,2,]', undefined],
  ['[]', undefined],
  ['[1 ,2]', undefined],
  ['[1.5]', undefined],
  ['[-]', undefined],
  ['[nul]', undefined],
  ['[1]]', undefined],
  ['[1234567890123456]', undefined],
  [`[${Array.from({ length: 12 }, () => 1).join(',')}]`, undefined],
] as const)('%s', ([text, expected]) => {
  expect(parse(text)).toEqual(expected);
});

it('agrees with JSON.parse on anything that it takes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('[', ']', ',', '-', '1', '0', 'n', 'null', ' ', '.'), maxLength: 14 }),
      (text) => {
        const read = parse(text);
        // Zeros in front are no JSON; a damaged line that has them is none the worse.
        if (read === undefined) return;
        const json = text.replaceAll(/(?<!\d)0+(?=\d)/g, '');
        expect(read).toEqual((JSON.parse(json) as (number | null)[]).map((value) => value ?? Number.NaN));
      },
    ),
    { numRuns: 2_000 },
  );
});
