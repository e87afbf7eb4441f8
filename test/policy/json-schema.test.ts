import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedSchema } from '../../scripts/policy-schema/published-schema.ts';
import { checkPolicy } from '../../src/policy/policy.ts';
import { policyDocument, writePolicy } from '../../src/policy/policy-document.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { accepts, documents, mutated } from './schema-documents.ts';

/** What JSON Schema cannot say: docs/policy.md lists the same, in this order. */
const BEYOND: readonly RegExp[] = [
  /names .* again, which .* did/,
  /shorter than openFor/,
  /never holds/,
  /shorter than every/,
  /is not shorter than maxAge/,
  /names something that "on" does not ask/,
  /no failure here, and "on" asks for failures only/,
  /has an optional part before others/,
  /names the preset .*, which is not there|goes round in a circle|brings \w+ of the preset/,
  /(stands beside trip|is auto, which takes the usual latency).*/,
  /is no address; expected one such as/,
];

const isBeyond = ({ message }: { readonly message: string }) => BEYOND.some((rule) => rule.test(message));

it('docs/policy.md lists the rules that JSON Schema cannot say, each of them', () => {
  const [, list = ''] = readFileSync('docs/policy.md', 'utf8').split('which JSON Schema cannot say:');
  expect(list.split('\n\nAnd ')[0]?.match(/^\d+\. /gm)).toEqual(BEYOND.map((_, index) => `${index + 1}. `));
});

describe('the JSON Schema and the check of policies agree', () => {
  it('on what is accepted: it loads, but for the rules that JSON Schema cannot say', () => {
    let loaded = 0;
    fc.assert(
      fc.property(documents(), (document) => {
        expect(accepts(document)).toBe(true);
        const { problems } = checkPolicy(document);
        if (problems.length === 0) loaded++;
        expect(problems.filter((problem) => !isBeyond(problem))).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(loaded).toBeGreaterThan(100);
  });

  it('on what is nearly right', () => {
    fc.assert(
      fc.property(documents().chain(mutated), (document) => {
        const { problems } = checkPolicy(document);
        if (accepts(document)) expect(problems.filter((problem) => !isBeyond(problem))).toEqual([]);
        else expect(problems).not.toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});

it.each(['yaml', 'json'] as const)('what loads is the same policy when it is written as %s and loaded again', (format) => {
  fc.assert(
    fc.property(documents(), (document) => {
      const { value, problems } = checkPolicy(document);
      fc.pre(problems.length === 0);
      const text = writePolicy(policyDocument(document as never), format);
      const again = readPolicy(text, { what: 'again', isJson: format === 'json' });
      expect(checkPolicy(again).value).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

it('the published file is up to date: node scripts/policy-schema.ts --write', () => {
  expect(JSON.parse(readFileSync('policy.schema.json', 'utf8'))).toEqual(publishedSchema());
});
