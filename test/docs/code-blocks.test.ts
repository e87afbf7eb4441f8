import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/index.ts';
import { codeBlocks, documents, promisedOutput } from './code-blocks.ts';

const run = promisify(execFile);
const folder = 'temp/docs';
const blocks = documents().flatMap(codeBlocks);
const programs = blocks.filter(({ language }) => language === 'ts');
const policies = blocks.filter(({ language }) => language === 'yaml');

/** Blocks import the package by its name; here that is the source. */
function asLocalProgram(code: string): string {
  return code
    .replaceAll("'grpc-breaker/admin'", "'../../src/admin/index.ts'")
    .replaceAll("'grpc-breaker/testing'", "'../../src/testing/index.ts'")
    .replaceAll("'grpc-breaker/recording'", "'../../src/recording/index.ts'")
    .replaceAll("'grpc-breaker/prometheus'", "'../../src/prometheus.ts'")
    .replaceAll("'grpc-breaker'", "'../../src/index.ts'")
    .replaceAll('node_modules/grpc-breaker/protos', 'protos');
}

const fileOf = (where: string) => join(folder, `${where.replaceAll(/[^\w]+/g, '-')}.ts`);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { where, code } of programs) writeFileSync(fileOf(where), asLocalProgram(code));
  const options = { extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the code in the documents', () => {
  it('is there to be tested', () => {
    expect(programs.length).toBeGreaterThanOrEqual(5);
    expect(policies.length).toBeGreaterThanOrEqual(2);
  });

  it('has the types it claims', { timeout: 60_000 }, async () => {
    const { stdout } = await run('node_modules/.bin/tsc', ['-p', folder]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  it.for(programs)('$where runs, and prints what it says', async ({ where, code }) => {
    const { stdout } = await run(process.execPath, [fileOf(where)], { timeout: 20_000 });
    const promised = promisedOutput(code);
    if (promised.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(promised);
  });

  it.for(policies)('$where is a policy that loads', ({ where, code }) => {
    const file = `${fileOf(where)}.yaml`;
    writeFileSync(file, code);
    expect(loadPolicy(file).methods?.length).toBeGreaterThan(0);
  });
});

describe('the links in the documents', () => {
  it.for(documents())('%s points at what exists', (file) => {
    const targets = Array.from(readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g), (match) => match[1] as string);
    const missing = targets.filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [path = '', anchor] = target.split('#');
      const document = path === '' ? file : normalize(join(dirname(file), path));
      if (!existsSync(document)) return true;
      if (anchor === undefined) return false;
      const headings = Array.from(readFileSync(document, 'utf8').matchAll(/^#+ (.+)$/gm), (match) => match[1] as string);
      return !headings.some(
        (heading) =>
          heading
            .toLowerCase()
            .replaceAll(/[^\w\s-]/g, '')
            .replaceAll(/\s/g, '-') === anchor,
      );
    });
    expect(missing).toEqual([]);
  });

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = documents().flatMap((file) =>
      Array.from(readFileSync(file, 'utf8').matchAll(/npm run ([\w:-]+)/g), (match) => match[1] as string),
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
