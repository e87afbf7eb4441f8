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
import { prometheus } from 'grpc-breaker/prometheus';
import { ManualClock } from 'grpc-breaker/testing';

const clock = new ManualClock();
const breaker = createBreaker({ trip: { consecutiveFailures: 1 }, openFor: '5s', jitter: 0 }, { clock });
breaker.tryAcquire()?.failure(12);
console.log(breaker.state, breaker.tryAcquire());
clock.advance(5000);
console.log(breaker.tryAcquire() === null, breaker.state);
console.log(typeof prometheus().signal);
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
  expect(kinds).toEqual(new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'protos']));
  expect(consumer.tarball.files.filter(({ path }) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path))).toEqual([]);
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
    expect(await linesOf(await write('entries', ENTRIES))).toEqual(['open null', 'false halfOpen', 'function']);
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
