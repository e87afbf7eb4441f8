import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { substitute } from '../../src/policy/environment.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { problemsOf } from './helpers.ts';

// The examples of https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
  EMPTY: '',
};

describe('a text with references, as the specification of OpenTelemetry has it', () => {
  it.each([
    ['${STRING_VALUE}', 'value'],
    ['${env:STRING_VALUE}', 'value'],
    ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
    ['${UNDEFINED_KEY:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${EMPTY}', ''],
    ['${UNDEFINED_KEY:-}', ''],
    ['${STRING_VALUE:-fallback}', 'value'],
    ['${A:-1}/${B:-2}', '1/2'],
    ['$${STRING_VALUE}', '${STRING_VALUE}'],
    ['$$${STRING_VALUE}', '$value'],
    ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
    ['$${STRING_VALUE:-fallback}', '${STRING_VALUE:-fallback}'],
    ['$${STRING_VALUE:-${STRING_VALUE}}', '${STRING_VALUE:-value}'],
    ['a $$ b', 'a $ b'],
    ['a $ b', 'a $ b'],
    ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
    ['${VALUE_WITH_ESCAPE}', 'value$$'],
  ])('%s is %s', (text, expected) => {
    expect(substitute(text, ENV)).toMatchObject({ text: expected, problems: [] });
  });

  it.each(['${STRING_VALUE:?error}', '${API_$KEY}', '${1A}', '${}', '${A B}', '${STRING_VALUE', '${UNDEFINED:-$${X}'])(
    '%s is no reference',
    (text) => {
      expect(substitute(text, ENV).problems).toEqual([
        expect.stringMatching(/is no reference to an environment variable; expected/),
      ]);
    },
  );

  it('is refused where a variable is not set, unlike there', () => {
    expect(substitute('${UNDEFINED_KEY} ${ALSO}', ENV).problems).toEqual([
      'the environment variable UNDEFINED_KEY is not set, and there is no default; set it, or write ${UNDEFINED_KEY:-default}',
      expect.stringMatching(/ALSO is not set/),
    ]);
  });

  it('is refused where nothing of the environment may be read, even with a default', () => {
    expect(substitute('${HOME:-x}', undefined).problems).toEqual([
      'refers to the environment variable HOME, which is not read here; write the value',
    ]);
  });
});

const messageOf = (yaml: string, isJson = false) => {
  const { methods } = readPolicy(yaml, { what: 'p', env: ENV, isJson }) as {
    methods: { fallback: { sources: { message: unknown }[] } }[];
  };
  return methods[0]?.fallback.sources[0]?.message;
};

describe('in a document', () => {
  const inYaml = (value: string) =>
    messageOf(`methods:\n  - fallback:\n      sources:\n        - message:\n            field: ${value}\n`);

  it.each<[string, unknown]>([
    ['${BOOL_VALUE}', true],
    ['${INT_VALUE}', 1],
    ['${FLOAT_VALUE}', 1.1],
    ['${HEX_VALUE}', 0xdeadbeef],
    ['${EMPTY}', null],
    ['${NOT_SET:-3}', 3],
    ['1${INT_VALUE}', 11],
    ['"${INT_VALUE}"', '1'],
    ["'${BOOL_VALUE}'", 'true'],
    ['!!str ${INT_VALUE}', '1'],
    ['|\n              ${INT_VALUE}', '1\n'],
    ['${INVALID_MAP_VALUE}', 'value\nkey:value'],
    ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
    ['$${INT_VALUE}', '${INT_VALUE}'],
  ])('%s is %o', (value, expected) => {
    expect(inYaml(value)).toEqual({ field: expected });
  });

  it('a reference makes no structure, and keys are left as they are', () => {
    const env = { LIST: '[1, 2]', MAP: '{ a: 1 }', ALIAS: '*x' };
    const text = 'methods:\n  - fallback:\n      sources:\n        - message: { "${LIST}": "${LIST}", b: &x "${MAP}", c: *x }\n';
    const { methods } = readPolicy(text, { what: 'p', env });
    expect(methods?.[0]).toMatchObject({
      fallback: { sources: [{ message: { '${LIST}': '[1, 2]', b: '{ a: 1 }', c: '{ a: 1 }' } }] },
    });
  });

  it('of JSON, a text that is one reference is read again', () => {
    const text = (value: string) => JSON.stringify({ methods: [{ fallback: { sources: [{ message: { field: value } }] } }] });
    expect(messageOf(text('${INT_VALUE}'), true)).toEqual({ field: 1 });
    expect(messageOf(text('1${INT_VALUE}'), true)).toEqual({ field: '11' });
    expect(messageOf(text('1'), true)).toEqual({ field: '1' });
  });
});

describe('loadPolicy', () => {
  const file = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-environment-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'policy.yaml'), text);
    return join(folder, 'policy.yaml');
  };

  it('takes the environment of the process, or another one', () => {
    const path = file('maxBreakers: ${GRPC_BREAKER_TEST_MOST:-5}\n');
    expect(loadPolicy(path).maxBreakers).toBe(5);
    process.env['GRPC_BREAKER_TEST_MOST'] = '7';
    onTestFinished(() => void delete process.env['GRPC_BREAKER_TEST_MOST']);
    expect(loadPolicy(path).maxBreakers).toBe(7);
    expect(loadPolicy(path, { env: { GRPC_BREAKER_TEST_MOST: '9' } }).maxBreakers).toBe(9);
  });

  it('tells where a variable is missing, and which one brought a value that does not fit', () => {
    const path = file('methods:\n  - deadline: ${DEADLINE}\n    trials: ${TRIALS}\n');
    expect(problemsOf(() => loadPolicy(path, { env: { TRIALS: 'none' } }))).toEqual([
      'methods[0].deadline: the environment variable DEADLINE is not set, and there is no default; set it, or write ${DEADLINE:-default}',
      'methods[0].trials: is "none"; expected a whole number of trials, at least 1 (the value of TRIALS in the environment)',
    ]);
  });
});
