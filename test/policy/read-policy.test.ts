import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isConfigError } from '../../src/core/errors.ts';
import { lastOpen } from '../../src/policy/opener.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';

const TEXTS = ['demo', 'stories/trading', 'stories/pricing', 'stories/artwork'].map((name) =>
  readFileSync(`examples/${name}/policy.yaml`, 'utf8'),
);
const MANGLERS = [
  ...[
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ':',
    ': ',
    '-',
    '- ',
    ',',
    '#',
    '&a ',
    '*a',
    '!t ',
    '|',
    '>',
    '%',
    '@',
    '`',
    '\t',
    '\n',
    '  ',
    '\n---\n',
  ],
  ...['${', '${A}', '$', '<<: ', '? ', '\\', '\u0000', '\uFEFF', 'null', '.inf', '99999999999999999999'],
];

/** A text that people may write by mistake: one of the examples with some characters put in, and others taken out. */
const mangled = fc
  .tuple(
    fc.constantFrom(...TEXTS),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(...MANGLERS), fc.nat({ max: 12 })), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((before, [where, what, gone]) => {
      const at = Math.floor(where * before.length);
      return before.slice(0, at) + what + before.slice(at + gone);
    }, text),
  );

it('loads whatever is written, or says what is wrong with it and where, and nothing else', () => {
  let refused = 0;
  fc.assert(
    fc.property(mangled, fc.boolean(), (text, isJson) => {
      try {
        readPolicy(text, { what: 'p', isJson, env: { A: '1s' } });
      } catch (error) {
        if (!isConfigError(error)) throw error;
        refused++;
        const lines = text.split('\n').length;
        for (const { line, message } of error.problems) {
          expect(message).not.toMatch(/Invalid input|Too small|Too big|received |undefined|\[object|cannot be read/);
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(200);
});

describe('what was opened last and has no end', () => {
  it.each<[string, ReturnType<typeof lastOpen>]>([
    ['a: [', { what: '[', line: 1 }],
    ['a: [1]\nb: {\n c: [2]', { what: '{', line: 2 }],
    ['a: "x\ny: z', { what: '"', line: 1 }],
    [String.raw`a: "x\"`, { what: '"', line: 1 }],
    ["a: 'x", { what: "'", line: 1 }],
    ["a: it's\nb: [", { what: '[', line: 2 }],
    ['# [ "\na: {', { what: '{', line: 2 }],
    ['a: x#[\nb: 1', { what: '[', line: 1 }],
    ['a: "[" # "', undefined],
  ])('of %j is %o', (text, open) => {
    expect(lastOpen(text)).toEqual(open);
  });
});
