import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Run, run } from '../../scripts/run.ts';
import { type Files, layOut, REPOSITORY, type SourceTree } from './source-tree.ts';

/** Proves that the layer rules of `npm run check` fail on a violation, and let pass what is allowed. */

interface Violation {
  readonly rule: string;
  readonly from: string;
}

/** A tree that keeps every rule; the violations are added to it one by one. */
const CLEAN: Files = {
  'src/index.ts': "export { a } from './wiring.ts';\nexport { g } from './grpc/attach.ts';\n",
  'src/wiring.ts':
    "import { systemClock } from './system-clock.ts';\nimport { fallback } from './fallback/chain.ts';\nimport { o } from './telemetry/observer.ts';\nimport type { Metadata } from '@grpc/grpc-js';\nexport const a = [systemClock, fallback, o];\nexport type M = Metadata;\n",
  'src/system-clock.ts': "import type { Clock } from './core/clock.ts';\nexport const systemClock: Clock = 1;\n",
  'src/core/clock.ts': 'export type Clock = number;\nexport const zero: Clock = 0;\n',
  'src/core/window/count.ts': "import { zero } from '../clock.ts';\nexport const count = zero;\n",
  'src/policy/policy.ts':
    "import { readFileSync } from 'node:fs';\nimport { parse } from 'yaml';\nimport { z } from 'zod';\nimport { count } from '../core/window/count.ts';\nexport const policy = [readFileSync, parse, z, count];\n",
  'src/fallback/chain.ts': "import { policy } from '../policy/policy.ts';\nexport const fallback = policy;\n",
  'src/fallback/call-source.ts': "import { credentials } from '@grpc/grpc-js';\nexport const c = credentials;\n",
  'src/grpc/attach.ts':
    "import { status } from '@grpc/grpc-js';\nimport { policy } from '../policy/policy.ts';\nexport const g = [status, policy];\n",
  'src/telemetry/observer.ts':
    "import { trace } from '@opentelemetry/api';\nimport { zero } from '../core/clock.ts';\nexport const o = [trace, zero];\n",
  'src/signals/signal.ts': "import { zero } from '../core/clock.ts';\nexport const s = zero;\n",
  'src/fleet/shared.ts': "import { zero } from '../core/clock.ts';\nexport const s = zero;\n",
  'src/admin/service.ts': "import { Server } from '@grpc/grpc-js';\nexport const s = Server;\n",
  'src/admin/index.ts':
    "import { systemClock } from '../system-clock.ts';\nimport { s } from './service.ts';\nexport const admin = [systemClock, s];\n",
  'src/recording/record.ts':
    "import { createStream } from 'rotating-file-stream';\nimport { zero } from '../core/clock.ts';\nexport const r = [createStream, zero];\n",
  'src/cli/main.ts':
    "import yargs from 'yargs';\nimport { a } from '../wiring.ts';\nimport { r } from '../recording/record.ts';\nexport const m = [yargs, a, r];\n",
  'src/testing/index.ts': "import { zero } from '../core/clock.ts';\nexport const clock = zero;\n",
};

/** Each is one more file in the clean tree: its path, its text, and the rule that it breaks. */
const VIOLATIONS: readonly (readonly [rule: string, path: string, text: string])[] = [
  [
    'core-imports-only-core',
    'src/core/bad-policy.ts',
    "import { policy } from '../policy/policy.ts';\nexport const b = policy;\n",
  ],
  ['core-imports-only-core', 'src/core/bad-type.ts', "import type { M } from '../wiring.ts';\nexport type B = M;\n"],
  ['core-imports-only-core', 'src/core/bad-reexport.ts', "export type { M } from '../wiring.ts';\n"],
  ['core-imports-only-core', 'src/core/bad-dynamic.ts', "export const b = import('../policy/policy.ts');\n"],
  ['core-imports-only-core', 'src/core/bad-node.ts', "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n"],
  ['core-imports-only-core', 'src/core/bad-package.ts', "import { z } from 'zod';\nexport const b = z;\n"],
  [
    'core-imports-only-core',
    'src/core/bad-package-type.ts',
    "import type { Metadata } from '@grpc/grpc-js';\nexport type B = Metadata;\n",
  ],
  ['policy-imports-only-core', 'src/policy/bad-grpc.ts', "import { g } from '../grpc/attach.ts';\nexport const b = g;\n"],
  [
    'policy-imports-only-core',
    'src/policy/bad-testing.ts',
    "import { clock } from '../testing/index.ts';\nexport const b = clock;\n",
  ],
  [
    'policy-uses-only-its-packages',
    'src/policy/bad-package.ts',
    "import type { Metadata } from '@grpc/grpc-js';\nexport type B = Metadata;\n",
  ],
  [
    'outer-rooms-do-not-meet',
    'src/grpc/bad-fallback.ts',
    "import { fallback } from '../fallback/chain.ts';\nexport const b = fallback;\n",
  ],
  ['outer-rooms-do-not-meet', 'src/fallback/bad-grpc.ts', "import { g } from '../grpc/attach.ts';\nexport const b = g;\n"],
  [
    'outer-rooms-do-not-meet',
    'src/telemetry/bad-grpc.ts',
    "import type { g } from '../grpc/attach.ts';\nexport type B = typeof g;\n",
  ],
  [
    'outer-rooms-do-not-meet',
    'src/signals/bad-telemetry.ts',
    "import { o } from '../telemetry/observer.ts';\nexport const b = o;\n",
  ],
  ['outer-rooms-do-not-meet', 'src/fleet/bad-signals.ts', "import { s } from '../signals/signal.ts';\nexport const b = s;\n"],
  [
    'outer-rooms-do-not-meet',
    'src/admin/bad-telemetry.ts',
    "import { o } from '../telemetry/observer.ts';\nexport const b = o;\n",
  ],
  [
    'outer-rooms-do-not-meet',
    'src/grpc/bad-testing.ts',
    "import { clock } from '../testing/index.ts';\nexport const b = clock;\n",
  ],
  [
    'testing-imports-only-core-and-policy',
    'src/testing/bad-grpc.ts',
    "import { g } from '../grpc/attach.ts';\nexport const b = g;\n",
  ],
  [
    'rooms-do-not-import-entries',
    'src/grpc/bad-clock.ts',
    "import { systemClock } from '../system-clock.ts';\nexport const b = systemClock;\n",
  ],
  ['rooms-do-not-import-entries', 'src/policy/bad-wiring.ts', "import { a } from '../wiring.ts';\nexport const b = a;\n"],
  ['nothing-imports-an-entry', 'src/bad-index.ts', "import { a } from './index.ts';\nexport const b = a;\n"],
  ['nothing-imports-an-entry', 'src/bad-testing.ts', "import { clock } from './testing/index.ts';\nexport const b = clock;\n"],
  [
    'grpc-js-stays-in-its-rooms',
    'src/fallback/bad-grpc-js.ts',
    "import { credentials } from '@grpc/grpc-js';\nexport const b = credentials;\n",
  ],
  [
    'grpc-js-stays-in-its-rooms',
    'src/telemetry/bad-grpc-js.ts',
    "import type { Metadata } from '@grpc/grpc-js';\nexport type B = Metadata;\n",
  ],
  [
    'opentelemetry-stays-in-telemetry',
    'src/grpc/bad-otel.ts',
    "import type { Span } from '@opentelemetry/api';\nexport type B = Span;\n",
  ],
  ['document-libraries-stay-in-policy', 'src/grpc/bad-zod.ts', "import { z } from 'zod';\nexport const b = z;\n"],
  ['document-libraries-stay-in-policy', 'src/bad-yaml.ts', "import { parse } from 'yaml';\nexport const b = parse;\n"],
  ['outer-rooms-do-not-meet', 'src/recording/bad-grpc.ts', "import { g } from '../grpc/attach.ts';\nexport const b = g;\n"],
  [
    'recording-uses-only-its-packages',
    'src/recording/bad-package.ts',
    "import { LRUCache } from 'lru-cache';\nexport const b = LRUCache;\n",
  ],
  ['the-command-stands-alone', 'src/bad-command.ts', "import { m } from './cli/program.ts';\nexport const b = m;\n"],
  ['the-command-stands-alone', 'src/admin/bad-yargs.ts', "import yargs from 'yargs';\nexport const b = yargs;\n"],
  ['no-undeclared-packages', 'src/grpc/bad-dev.ts', "import { test } from 'vitest';\nexport const b = test;\n"],
  ['rooms-are-known', 'src/attic/bad-room.ts', "import { zero } from '../core/clock.ts';\nexport const b = zero;\n"],
  ['src-stays-in-src', 'src/bad-test.ts', "import { h } from '../test/helper.ts';\nexport const b = h;\n"],
  ['no-cycles', 'src/grpc/bad-cycle-a.ts', "import type { B } from './bad-cycle-b.ts';\nexport type A = B;\n"],
  ['no-unresolvable', 'src/grpc/bad-missing.ts', "import { nothing } from './missing.ts';\nexport const b = nothing;\n"],
];

/** What the violations need beside them. */
const HELPERS: Files = {
  'src/cli/program.ts': 'export const m = 1;\n',
  'test/helper.ts': 'export const h = 1;\n',
  'src/grpc/bad-cycle-b.ts': "import type { A } from './bad-cycle-a.ts';\nexport type B = A;\n",
};

const trees: SourceTree[] = [];

async function checkLayers(files: Files): Promise<Run & { violations: readonly Violation[] }> {
  const tree = layOut(files, ['.dependency-cruiser.mjs']);
  trees.push(tree);
  const checked = await run(process.execPath, [join(REPOSITORY, 'scripts/check-layers.ts')], tree.folder);
  const violations = [...checked.stdout.matchAll(/^(?<rule>\S+): (?<from>\S+) -> /gm)].map(
    ({ groups }) => groups as unknown as Violation,
  );
  return { ...checked, violations };
}

afterAll(() => {
  for (const tree of trees) tree.remove();
});

test('a tree that keeps the rules passes', async () => {
  const { exitCode, output } = await checkLayers(CLEAN);
  expect(output).toMatch(/^\d+ modules, 0 violations$/m);
  expect(exitCode).toBe(0);
});

test('a tree in which no module is seen fails', async () => {
  const { exitCode, output } = await checkLayers({ 'src/readme.md': 'nothing here' });
  expect(output).toContain('no module was seen');
  expect(exitCode).toBe(1);
});

describe('a tree that breaks the rules', () => {
  let checked: Awaited<ReturnType<typeof checkLayers>>;
  beforeAll(async () => {
    const bad = Object.fromEntries(VIOLATIONS.map(([, path, text]) => [path, text]));
    checked = await checkLayers({ ...CLEAN, ...HELPERS, ...bad });
  });

  test('fails', () => expect(checked.exitCode).toBe(1));

  test.each(VIOLATIONS)('%s is reported for %s', (rule, path) => {
    expect(checked.violations.filter(({ from }) => from === path).map((violation) => violation.rule)).toContain(rule);
  });

  test('nothing is reported for the files that keep them', () => {
    const kept = new Set(Object.keys(CLEAN));
    expect(checked.violations.filter(({ from }) => kept.has(from))).toEqual([]);
  });
});

test('every rule is proven', async () => {
  const { default: configuration } = (await import(join(REPOSITORY, '.dependency-cruiser.mjs'))) as {
    default: { forbidden: readonly { name: string }[] };
  };
  const proven = new Set(VIOLATIONS.map(([rule]) => rule));
  expect(configuration.forbidden.map((rule) => rule.name).filter((name) => !proven.has(name))).toEqual([]);
});
