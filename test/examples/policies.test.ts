import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync('policy.schema.json', 'utf8')) as object,
);

it.each(globSync('examples/{demo,stories/*}/policy.yaml'))(
  '%s names the JSON Schema for editors, and is accepted by it',
  (file) => {
    const text = readFileSync(file, 'utf8');
    const schema = /^# yaml-language-server: \$schema=(.+)\n/.exec(text)?.[1] ?? 'nothing';
    expect(join(dirname(file), schema)).toBe('policy.schema.json');
    expect(existsSync(join(dirname(file), schema))).toBe(true);
    accepts(parse(text));
    expect(accepts.errors).toBeNull();
  },
);

it('a reference to the environment is accepted in place of every kind of value', () => {
  const method = {
    deadline: '${A}',
    trials: '${A:-3}',
    mode: '${A}',
    jitter: '${A}',
    failureCodes: ['${A}'],
    trip: { adaptive: { blip: '${A}' }, failureRate: { window: { calls: '${A}' } } },
    fallback: { sources: [{ call: { client: 'a', forwardMetadata: '${A}' }, when: ['${A}'] }] },
  };
  accepts({ maxBreakers: '${A}', methods: [method] });
  expect(accepts.errors).toBeNull();
  expect(accepts({ methods: [{ deadline: '$A' }] })).toBe(false);
});
