import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBreakers } from '../../src/create-breakers.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { problemsOf } from './helpers.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-policy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with a text. */
function file(text: string, name = 'policy.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const POLICY = {
  maxBreakers: 1_000,
  methods: [
    {
      name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }],
      key: ['target', 'method', 'request.model_name'],
      deadline: '20ms',
      trip: { consecutiveFailures: 5, failureRate: { threshold: '50%', window: '2s', minCalls: 20 } },
      openFor: '1s',
      backoff: { factor: 2, max: '30s' },
      fallback: { on: ['rejected', 'failed'], sources: [{ message: { model_name: 'hold' } }] },
    },
    { name: [{}], mode: 'observe' },
  ],
};

const YAML = `
# Comments are welcome.
maxBreakers: 1000
methods:
  - name: [{ service: inference.GRPCInferenceService, method: ModelInfer }]
    key: [target, method, request.model_name]
    deadline: 20ms
    trip:
      consecutiveFailures: 5
      failureRate: { threshold: 50%, window: 2s, minCalls: 20 }
    openFor: 1s
    backoff: { factor: 2, max: 30s }
    fallback:
      on: [rejected, failed]
      sources:
        - message: { model_name: hold }
  - name: [{}]
    mode: observe
`;

/** Ten times ten times ten times ten. */
const LAUGHS = ['a', 'b', 'c', 'd'].reduce(
  (text, name, i, names) => `${text}${name}: &${name} [${new Array(10).fill(i === 0 ? 1 : `*${names[i - 1]}`).join(', ')}]\n`,
  '',
);

describe('reads', () => {
  it.each([
    ['YAML', YAML, 'policy.yaml'],
    ['JSON', JSON.stringify(POLICY), 'policy.json'],
    ['JSON in lines', JSON.stringify(POLICY, undefined, 2), 'policy'],
    ['JSON with tabs', JSON.stringify(POLICY, undefined, '\t'), 'policy.json'],
    ['a file that begins with a byte order mark', `\uFEFF${JSON.stringify(POLICY)}`, 'policy.json'],
    ['a file with the line ends of Windows', YAML.replaceAll('\n', '\r\n'), 'policy.yml'],
  ])('%s', (_, text, name) => {
    expect(loadPolicy(file(text, name))).toEqual(POLICY);
  });

  it('anchors, where a value stands twice', () => {
    const { methods } = loadPolicy(file('methods: [{ name: [{ service: a.B }], openFor: &long 50s, lease: *long }]'));
    expect(methods?.[0]).toMatchObject({ openFor: '50s', lease: '50s' });
  });

  it('a policy that createBreakers takes', () => {
    const breakers = createBreakers(loadPolicy(file('methods: [{ trip: { consecutiveFailures: 3 } }]')), { telemetry: false });
    expect(breakers.list()).toEqual([]);
    breakers.dispose();
  });
});

describe('refuses, with the name of the file', () => {
  it('a file that is not there', () => {
    const path = join(folder, 'missing.yaml');
    expect(problemsOf(() => loadPolicy(path))).toEqual([expect.stringMatching(/^: cannot be read: ENOENT/)]);
    expect(() => loadPolicy(path)).toThrow(`policy ${path} was refused, 1 problem:`);
  });

  it('a folder', () => {
    expect(problemsOf(() => loadPolicy(folder))).toEqual([expect.stringMatching(/^: cannot be read: EISDIR/)]);
  });

  it.each([
    ['nothing', ''],
    ['spaces', '  \n\n'],
    ['a comment', '# methods: []\n'],
    ['null', 'null'],
  ])('a file with %s', (_, text) => {
    expect(problemsOf(() => loadPolicy(file(text)))).toEqual([': is empty; expected at least "methods:"']);
  });

  it.each([
    ['YAML that ends too early', 'methods: [', /^: the \[ of line 1 has no end; a \] is missing$/],
    ['JSON that ends too early', '{ "methods": [ { "openFor": "5s" }', /a \] is missing$/],
    ['a tab for indentation', 'methods:\n\t- openFor: 5s', /^: is indented with a tab/],
    ['a key twice', 'methods: []\nmethods: []', /^: methods stands a second time here/],
    ['an alias without its anchor', 'methods: *nowhere', /^: \*nowhere is an alias without an anchor/],
    ['a billion laughs', LAUGHS, /^: has aliases .* of aliases/],
    ['an alias within its anchor', 'methods: &all [*all]', /^: \*all stands within the value that it stands for/],
    ['a name that objects have', 'clients: { __proto__: { target: a } }', /^: __proto__ is no name/],
    ['two documents', 'methods: []\n---\nmethods: []', /^: begins a second document/],
  ])('%s, and says where', (_, text, message) => {
    expect(problemsOf(() => loadPolicy(file(text)))[0]).toMatch(message);
  });

  it.each([
    ['a list', '- openFor: 5s', ': is a list; expected a policy, such as { methods: [{ deadline: 20ms }] }'],
    ['a text', 'hello', ': is "hello"; expected a policy, such as { methods: [{ deadline: 20ms }] }'],
    [
      'a key without a value',
      'methods:',
      'methods: is null; expected a list of policies, such as [{ name: [{}], deadline: 20ms }]',
    ],
    [
      'a number for a duration',
      'methods: [{ openFor: 5 }]',
      expect.stringMatching(/^methods\[0\]\.openFor: 5 is not a duration/),
    ],
    [
      'a number for a function',
      'methods: [{ fallback: { sources: [{ function: 1 }] } }]',
      'methods[0].fallback.sources[0].function: is 1; expected a function (request, context) => response, or the name of a registered one',
    ],
    ['a misspelled option', 'metods: []', 'metods: is not an option here; did you mean "methods"?'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(() => loadPolicy(file(text)))).toEqual([problem]);
  });

  it('every problem at once', () => {
    const path = file('maxBreakers: 0\nmethods:\n  - openFor: 5\n  - trials: 0\n    name: [{ service: a.B }]\n');
    expect(() => loadPolicy(path)).toThrow(
      `policy ${path} was refused, 3 problems:\n  line 1: maxBreakers: is 0; expected at least 1\n  line 3: methods[0].openFor: 5 is`,
    );
  });
});

it('is refused whole: a policy with one problem makes no breaker at all', () => {
  const policy = { methods: [{ name: [{ service: 'a.B' }] }, { openFor: '5' }] };
  expect(problemsOf(() => createBreakers(policy as never, { telemetry: false }))).toHaveLength(1);
});

it('is called by its file in problems that are found later', () => {
  const path = file('methods: [{ fallback: { sources: [{ message: {} }] } }]');
  const policy = loadPolicy(path);
  expect(() => createBreakers(policy, { telemetry: false })).toThrow(`policy ${path} was refused, 1 problem:`);
  expect(() => createBreakers({ ...policy }, { telemetry: false })).toThrow('policy was refused, 1 problem:');
});
