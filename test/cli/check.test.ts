import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';

vi.setConfig({ testTimeout: 30_000 });

const PROTO = resolve('protos/open_inference.proto');
const SERVICE = 'inference.GRPCInferenceService';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cli-check-'));
});

function write(name: string, text: string): void {
  writeFileSync(join(cwd, name), text);
}

it('tells every problem with its line and column, and ends with 1', async () => {
  write('bad.yaml', 'methods:\n  - deadlin: 20ms\n    trip: { consecutiveFailures: -1 }\n');
  write('good.yaml', 'methods:\n  - deadline: 20ms\n');
  const both = await piped(['check', 'good.yaml', 'bad.yaml'], { cwd });
  expect(both).toEqual({
    exitCode: 1,
    stderr: '',
    stdout: `good.yaml: good, 1 policy
bad.yaml:2:5: problem: methods[0].deadlin: is not an option here; did you mean "deadline"?
bad.yaml:3:13: problem: methods[0].trip.consecutiveFailures: is -1; expected at least 1 (failures)
bad.yaml: 2 problems
`,
  });
  const { text, exitCode, pty } = await inTerminal(['check', 'bad.yaml'], { cwd, columns: 150 });
  expect([exitCode, text]).toEqual([1, expect.stringContaining('bad.yaml: 2 problems')]);
  expect(pty.output).toContain('\u001b[31mproblem:\u001b[39m');
});

it('takes what code registers to be there, and says what that is', async () => {
  const policy = `protos: [${PROTO}]
methods:
  - name: [{ service: ${SERVICE} }]
    classify: mine
    trip: { signal: cpu, prometheus: { url: 'http://127.0.0.1:9090', query: up, below: 1 } }
    fallback:
      sources:
        - function: answer
          method: ${SERVICE}/ModelInfer
        - call: { client: cheap }
          method: ${SERVICE}/ModelReady
        - message: { ready: true }
          method: ${SERVICE}/ModelReady
`;
  const { stdout, exitCode } = await piped(['check', '-'], { input: policy });
  expect(stdout).toBe(
    '<stdin>: note: code has to register the functions answer, mine; the client cheap; the signal cpu; prometheus()\n<stdin>: good, 1 policy\n',
  );
  expect(exitCode).toBe(0);
  const wrong = await piped(['check', '-'], { input: policy.replace('ready: true', 'redy: true') });
  expect([wrong.exitCode, wrong.stdout]).toEqual([1, expect.stringMatching(/^<stdin>:12:\d+: problem: \S+\.message\.redy: /)]);
});

it.each(['model_name', 'modelName'])('takes messages as stubs may spell their fields: %s', async (field) => {
  const policy = {
    name: [{ service: 'inference.GRPCInferenceService' }],
    fallback: { sources: [{ error: { code: 'ABORTED' } }] },
  };
  const named = { name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }] };
  const methods = [policy, { ...named, fallback: { sources: [{ message: { [field]: 'hold' } }] } }];
  const input = JSON.stringify({ methods });
  const good = await piped(['check', '-', '--against', 'protos/open_inference.proto'], { input });
  expect(good.exitCode, good.stdout).toBe(0);
  const bad = await piped(['check', '-', '--against', 'protos/open_inference.proto'], {
    input: input.replace(field, 'model_nam'),
  });
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toContain('model_nam');
});

it('does not hold services that it cannot know against a policy', async () => {
  const input = `methods:\n  - name: [{ service: ${SERVICE} }]\n    fallback: { sources: [{ message: {} }] }\n`;
  const { stdout, exitCode } = await piped(['check', '-'], { input });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^<stdin>:2:\d+: note: methods\[0\]\.name\[0\]: has a fallback, but \S+ is not registered/);
  const known = await piped(['check', '-', '--against', PROTO], { input: input.replace('{}', '{ redy: 1 }') });
  expect([known.exitCode, known.stdout]).toEqual([1, expect.stringContaining('redy')]);
});

it('finds methods that no policy names, and names that match none', async () => {
  const input = `methods:
  - name: [{ service: ${SERVICE}, method: ModelInfr }, { service: ${SERVICE}, method: ServerLive }]
    deadline: 20ms
  - name: [{ service: other.Service }]
    fallback: { sources: [{ message: {} }] }
`;
  const { stdout, exitCode } = await piped(['check', '-', '--against', PROTO], { input });
  expect(exitCode).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(
    /^<stdin>:2:\d+: problem: methods\[0\]\.name\[0\]\.method: \S+ has no method ModelInfr; did you mean ModelInfer\?$/,
  );
  expect(lines[1]).toMatch(
    /^<stdin>:4:\d+: problem: methods\[1\]\.name\[0\]: names other\.Service, which is in none of the files; there are inference\.GRPCInferenceService$/,
  );
  expect(lines).toContain(`<stdin>: problem: no policy names ${SERVICE}/ModelInfer`);
  expect(lines).not.toContain(`<stdin>: problem: no policy names ${SERVICE}/ServerLive`);
  expect(lines.at(-1)).toBe('<stdin>: 8 problems');
});

it('tells which policy each method has', async () => {
  const input = `methods:
  - name: [{ service: ${SERVICE}, method: ModelInfer }]
    deadline: 20ms
  - name: [{}]
    deadline: 50ms
`;
  const { stdout, exitCode } = await piped(['check', '--against', PROTO, '-v', '--json', '--', '-'], { input });
  expect(exitCode).toBe(0);
  const { ok, files } = JSON.parse(stdout) as { ok: boolean; files: { methods: { method: string }[] }[] };
  expect(ok).toBe(true);
  expect(files[0]?.methods).toHaveLength(7);
  expect(files[0]?.methods.slice(0, 2)).toEqual([
    { method: `${SERVICE}/ModelInfer`, policy: 'methods[0]', by: 'method' },
    { method: `${SERVICE}/ModelMetadata`, policy: 'methods[1]', by: 'default' },
  ]);
});

it('gives problems as JSON', async () => {
  write('bad.yaml', 'methods:\n  - deadlin: 20ms\n');
  const { stdout, exitCode } = await piped(['check', 'bad.yaml', '--json'], { cwd });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    files: [
      {
        file: 'bad.yaml',
        ok: false,
        policies: 0,
        problems: [
          { path: 'methods[0].deadlin', message: 'is not an option here; did you mean "deadline"?', line: 2, column: 5 },
        ],
        notes: [],
        needs: { functions: [], clients: [], signals: [], prometheus: false },
        methods: null,
      },
    ],
  });
});

it.for([
  [[], 2, 'a policy document is missing'],
  [['x.yaml', '--against', 'nowhere.proto'], 2, 'nowhere.proto cannot be read'],
  [['x.yaml', '--against'], 2, 'a value is missing behind --against'],
] as const)('ends %j with %i', async ([args, code, error]) => {
  const { stderr, exitCode } = await piped(['check', ...args], { cwd });
  expect([exitCode, stderr]).toEqual([code, expect.stringContaining(`error: ${error}`)]);
});

it('tells a file that cannot be read as a problem of it', async () => {
  const { stdout, exitCode } = await piped(['check', 'nowhere.yaml'], { cwd });
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^nowhere\.yaml: problem: cannot be read: ENOENT/)]);
});
