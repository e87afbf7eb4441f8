import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';
import { codeBlocks } from '../docs/code-blocks.ts';
import { type Consumer, createConsumer } from './consumer.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { OLDEST_NODE, oldestNode } from './oldest-node.ts';
import { asCommonJs, asPlainModule } from './program-forms.ts';

// A stranger's first five minutes: the packed package in an empty folder, on the oldest Node that it supports.

/** The first TypeScript block under README's quick start. */
function quickStart(): string {
  const heading = readFileSync('README.md', 'utf8').split('\n').indexOf('## Quick start');
  const blocks = codeBlocks('README.md').filter(({ where }) => Number(where.split(':')[1]) > heading);
  const block = blocks.find(({ language }) => language === 'ts');
  if (heading < 0 || block === undefined) throw new Error('README.md has no TypeScript under "## Quick start"');
  return block.code;
}

/** What README tells a stranger to install, besides the package. */
function packagesToInstall(): string[] {
  const line = /^npm install (.*)$/m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  return line.split(' ').filter((name) => name !== 'grpc-breaker');
}

/** Every entry of the package, without a server. */
const ENTRIES = `import { createBreaker } from 'grpc-breaker';
import { startAdmin } from 'grpc-breaker/admin';
import { prometheus } from 'grpc-breaker/prometheus';
import { backtest, recordCalls } from 'grpc-breaker/recording';
import { ManualClock } from 'grpc-breaker/testing';

const clock = new ManualClock();
const breaker = createBreaker({ trip: { consecutiveFailures: 1 }, openFor: '5s', jitter: 0 }, { clock });
breaker.tryAcquire()?.failure(12);
console.log(breaker.state, breaker.tryAcquire());
clock.advance(5000);
console.log(breaker.tryAcquire() === null, breaker.state);
console.log(typeof prometheus().signal, typeof startAdmin, typeof backtest, typeof recordCalls);
`;

/** The address that README's quick start calls. */
const README_ADDRESS = '127.0.0.1:8081';

async function closedAddress(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

let consumer: Consumer;
let node: string;
let server: ModelServer;
let nobody: string;

beforeAll(async () => {
  node = await oldestNode();
  server = await startModelServer();
  nobody = await closedAddress();
  const tools = (JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }).devDependencies;
  const types = ['typescript', '@types/node'].map((name) => `${name}@${tools[name]}`);
  consumer = await createConsumer([...packagesToInstall(), ...types]);
});

afterAll(() => {
  server?.stop();
  consumer?.remove();
});

/** Runs a program of the stranger's project on the oldest Node and gives the lines it printed. */
async function linesOf(file: string): Promise<readonly string[]> {
  const { exitCode, stdout, output } = await run(node, [file], consumer.folder);
  expect(exitCode, output).toBe(0);
  return stdout.trimEnd().split('\n');
}

/** Checks a TypeScript program as a strict project does, the package's own declarations included, and compiles it. */
async function compile(name: string, code: string): Promise<string> {
  consumer.write('package.json', '{ "private": true, "type": "module" }\n');
  const options = { strict: true, target: 'es2022', lib: ['es2022'], module: 'nodenext', types: ['node'], skipLibCheck: false };
  const file = consumer.write(`${name}.ts`, code);
  consumer.write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { ...options, exactOptionalPropertyTypes: true }, files: [file] }),
  );
  const { output } = await run(process.execPath, [join(consumer.folder, 'node_modules/typescript/bin/tsc')], consumer.folder);
  expect(output).toBe('');
  return `${name}.js`;
}

/** The ways to write a program; each gives the file to run. */
const FORMS: readonly (readonly [form: string, write: (name: string, code: string) => string | Promise<string>])[] = [
  ['ESM TypeScript', compile],
  ['plain ESM', (name, code) => consumer.write(`${name}.mjs`, asPlainModule(code))],
  ['CommonJS', (name, code) => consumer.write(`${name}.cjs`, asCommonJs(code))],
];

test('the Node under test is exactly the oldest that package.json supports', async () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  expect((await run(node, ['--version'])).stdout.trim()).toBe(`v${OLDEST_NODE}`);
});

test('the tarball holds what users need and nothing else', () => {
  const kinds = new Set(consumer.tarball.files.map(({ path }) => path.split('/')[0]));
  expect(kinds).toEqual(
    new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'policy.schema.json', 'protos']),
  );
  const isPage = (path: string) => path.startsWith('dist/admin/dashboard/page/');
  const others = consumer.tarball.files.filter(
    ({ path }) => path.startsWith('dist/') && !isPage(path) && !/\.(js|d\.ts)$/.test(path),
  );
  expect(others).toEqual([]);
  expect(consumer.tarball.files.filter(({ path }) => isPage(path) && path.endsWith('.html'))).not.toEqual([]);
});

test('the quick start is under 20 lines', () => {
  expect(
    quickStart()
      .split('\n')
      .filter((line) => line.trim() !== '').length,
  ).toBeLessThan(20);
});

test('the quick start calls the address that these tests replace', () => {
  expect(quickStart()).toContain(README_ADDRESS);
});

describe.each(FORMS)('in %s', (_, write) => {
  test('every entry can be imported', async () => {
    expect(await linesOf(await write('entries', ENTRIES))).toEqual([
      'open null',
      'false halfOpen',
      'function function function function',
    ]);
  });

  test('the quick start gets fallbacks where nothing listens', async () => {
    const code = quickStart().replaceAll(README_ADDRESS, nobody);
    const failed = 'default failed';
    const rejected = 'default rejected';
    expect(await linesOf(await write('without-server', code))).toEqual([failed, failed, failed, rejected, rejected]);
  });

  test('the quick start gets the answers of a server that works', async () => {
    const code = quickStart().replaceAll(README_ADDRESS, server.address);
    expect(await linesOf(await write('with-server', code))).toEqual(Array.from({ length: 5 }, () => 'iris undefined'));
  });
});

describe('without code', () => {
  /** A client that knows nothing of breakers. Nothing listens at its address. */
  const APPLICATION = `import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { registered } from 'grpc-breaker';

const { inference } = Object(grpc.loadPackageDefinition(loadSync('node_modules/grpc-breaker/protos/open_inference.proto')));
const client = new inference.GRPCInferenceService('${README_ADDRESS}', grpc.credentials.createInsecure());
async function main() {
  for (let call = 1; call <= 4; call++) {
    await new Promise((resolve) => client.modelInfer({ modelName: 'iris' }, (error) => {
      console.log(/is open/.test(error.details) ? 'refused' : 'failed');
      resolve();
    }));
  }
  console.log(registered()?.list().map(({ state }) => state).join());
  process.exit();
}
main();
`;
  const POLICY = 'methods:\n  - trip: { consecutiveFailures: 3 }\n';

  test.each([
    ['an ESM application', '--import', 'application.mjs', asPlainModule],
    ['a CommonJS application', '--import', 'application.cjs', asCommonJs],
    ['a CommonJS application, by --require', '--require', 'application.cjs', asCommonJs],
  ] as const)('%s is protected by grpc-breaker/register', async (_, flag, file, form) => {
    consumer.write('breakers.yaml', POLICY);
    consumer.write(file, form(APPLICATION.replaceAll(README_ADDRESS, nobody)));
    const env = { ...process.env, GRPC_BREAKER_POLICY: 'breakers.yaml' };
    const { exitCode, stdout, output } = await run(node, [flag, 'grpc-breaker/register', file], consumer.folder, env);
    expect(exitCode, output).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(['failed', 'failed', 'failed', 'refused', 'open']);
  });
});

describe('the command', () => {
  const command = (...args: string[]) =>
    run(node, [join(consumer.folder, 'node_modules/grpc-breaker/dist/cli/main.js'), ...args], consumer.folder);

  test('is there under its name', async () => {
    const { exitCode, stdout, output } = await run('npx', ['--no-install', 'grpc-breaker', '--version'], consumer.folder);
    expect(exitCode, output).toBe(0);
    expect(stdout.trim()).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
  });

  test('checks a policy, and says what is wrong with one', async () => {
    consumer.write('good.yaml', 'methods:\n  - openFor: 5s\n');
    expect((await command('check', 'good.yaml')).exitCode).toBe(0);
    consumer.write('bad.yaml', 'methods:\n  - openFor: "5"\n');
    const { exitCode, output } = await command('check', 'bad.yaml');
    expect(exitCode).toBe(1);
    expect(output).toContain('bad.yaml:2');
    expect(output).toContain('"5" is not a duration');
  });

  test('prints the schema that is in the package', async () => {
    const { stdout } = await command('schema');
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync('policy.schema.json', 'utf8')));
  });
});
