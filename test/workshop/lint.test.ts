import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';
import { type Files, layOut, REPOSITORY, type SourceTree } from './source-tree.ts';

/** Proves that the bans of `npm run check` are in force: each small file below breaks one of them, and is reported. */

interface Finding {
  readonly code: string;
  readonly filename: string;
}

type Case = readonly [rule: string, path: string, text: string];

/** What oxlint reports. */
const OXLINT: readonly Case[] = [
  ['eslint(no-restricted-globals)', 'src/core/date.ts', 'export const a = Date.now();\n'],
  ['eslint(no-restricted-globals)', 'src/core/performance.ts', 'export const a = performance.now();\n'],
  ['eslint(no-restricted-globals)', 'src/core/through-global-this.ts', 'export const a = globalThis.performance;\n'],
  ['eslint(no-restricted-globals)', 'src/core/hrtime.ts', 'export const a = process.hrtime();\n'],
  ['eslint(no-restricted-globals)', 'src/core/timeout.ts', 'export const a = setTimeout(() => undefined, 1);\n'],
  ['eslint(no-restricted-globals)', 'src/core/interval.ts', 'export const a = setInterval(() => undefined, 1);\n'],
  ['eslint(no-restricted-globals)', 'src/core/immediate.ts', 'export const a = setImmediate(() => undefined);\n'],
  ['eslint(no-restricted-globals)', 'src/core/microtask.ts', 'queueMicrotask(() => undefined);\nexport const a = 1;\n'],
  ['eslint(no-restricted-properties)', 'src/core/random.ts', 'export const a = Math.random();\n'],
  ['eslint(no-restricted-globals)', 'src/grpc/date.ts', 'export const a = new Date();\n'],
  ['eslint(no-restricted-globals)', 'src/telemetry/performance.ts', 'export const a = performance.now();\n'],
  ['eslint(no-restricted-globals)', 'src/wiring.ts', 'export const a = Date.now();\n'],
  ['eslint(no-restricted-properties)', 'src/grpc/hrtime.ts', 'export const a = process.hrtime.bigint();\n'],
  ['eslint(no-restricted-properties)', 'src/grpc/uptime.ts', 'export const a = process.uptime();\n'],
  ['eslint(no-restricted-properties)', 'src/grpc/global-date.ts', 'export const a = globalThis.Date.now();\n'],
  [
    'eslint(no-restricted-imports)',
    'src/grpc/hooks.ts',
    "import { performance as p } from 'node:perf_hooks';\nexport const a = p.now();\n",
  ],
  [
    'eslint(no-restricted-imports)',
    'src/grpc/imported-hrtime.ts',
    "import { hrtime } from 'node:process';\nexport const a = hrtime();\n",
  ],
  ['eslint(max-lines)', 'src/grpc/long.ts', `export const a = 1;\n${'// a line\n'.repeat(300)}`],
  ['import(no-default-export)', 'src/grpc/default.ts', 'const a = 1;\nexport default a;\n'],
  ['import(no-cycle)', 'src/grpc/cycle-a.ts', "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;\n"],
  ['unicorn(filename-case)', 'src/grpc/camelCase.ts', 'export const a = 1;\n'],
  ['typescript(no-floating-promises)', 'src/grpc/floating.ts', 'export async function a(): Promise<void> {}\na();\n'],
  ['typescript(no-misused-promises)', 'src/grpc/misused.ts', 'export const a = [1].filter(async () => true);\n'],
  [
    'typescript(switch-exhaustiveness-check)',
    'src/grpc/switch.ts',
    "export function a(s: 'open' | 'closed'): void {\n  switch (s) {\n    case 'open':\n      break;\n  }\n}\n",
  ],
];

/** What Biome reports. */
const BIOME: readonly Case[] = [
  ['lint/performance/noReExportAll', 'src/star.ts', "export * from './clean.ts';\n"],
  ['lint/performance/noReExportAll', 'src/star-as.ts', "export * as clean from './clean.ts';\n"],
  ['lint/style/noEnum', 'src/enum.ts', 'export enum A {\n  B = 1,\n}\n'],
  ['lint/suspicious/noExplicitAny', 'src/any.ts', 'export const a = (b: any): unknown => b;\n'],
];

/** What is allowed, and stays unreported. */
const CLEAN: Files = {
  'src/clean.ts': "import { b } from './core/clean.ts';\n\nexport const a = b;\n",
  'src/core/clean.ts': 'export const b = (at: Date): number => Number(at);\n',
  'src/grpc/clean.ts': 'export const b = setTimeout(() => undefined, 1);\n',
  'src/system-clock.ts': 'export const a = [performance.now(), Date.now()];\n',
};

const HELPERS: Files = { 'src/grpc/cycle-b.ts': "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;\n" };

const clean = Object.keys(CLEAN);

/** Runs a tool in the tree and gives its JSON report. */
async function report(tool: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [join(REPOSITORY, 'node_modules', tool), ...args], tree.folder);
  return JSON.parse(stdout);
}

let tree: SourceTree;

beforeAll(() => {
  const bad = Object.fromEntries([...OXLINT, ...BIOME].map(([, path, text]) => [path, text]));
  tree = layOut({ ...CLEAN, ...HELPERS, ...bad }, ['.oxlintrc.json', 'biome.json']);
});

afterAll(() => tree.remove());

describe('oxlint', () => {
  let found: readonly Finding[] = [];
  beforeAll(async () => {
    const { diagnostics } = (await report('oxlint/bin/oxlint', ['--format', 'json', 'src'])) as { diagnostics: typeof found };
    found = diagnostics;
  });

  test.each(OXLINT)('reports %s for %s', (rule, path) => {
    expect(found.filter((finding) => finding.filename === path).map((finding) => finding.code)).toContain(rule);
  });

  test('reports nothing for what is allowed', () => {
    expect(found.filter((finding) => clean.includes(finding.filename))).toEqual([]);
  });
});

describe('biome', () => {
  let found: readonly { category: string; location: { path: string } }[] = [];
  beforeAll(async () => {
    const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', 'src'];
    const { diagnostics } = (await report('@biomejs/biome/bin/biome', args)) as { diagnostics: typeof found };
    found = diagnostics;
  });

  test.each(BIOME)('reports %s for %s', (rule, path) => {
    expect(found.filter((finding) => finding.location.path === path).map((finding) => finding.category)).toContain(rule);
  });

  test('reports nothing for what is allowed', () => {
    expect(found.filter((finding) => clean.includes(finding.location.path))).toEqual([]);
  });
});
