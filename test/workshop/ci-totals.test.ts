import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Run, run } from '../../scripts/run.ts';
import { REPOSITORY } from './source-tree.ts';

/** Proves that .ci/run cannot end well when something failed, was skipped or did not run. */

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function totals(stages: Readonly<Record<string, { exit: number; report?: object }>>): Promise<Run> {
  folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-totals-'));
  for (const [name, { exit, report }] of Object.entries(stages)) {
    writeFileSync(join(folder, `${name}.exit`), String(exit));
    if (report !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
  }
  return run(process.execPath, [join(REPOSITORY, 'scripts/ci-totals.ts'), folder]);
}

const vitest = (...statuses: string[]) => ({
  testResults: [
    { name: 'a.test.ts', assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })) },
  ],
});

test('tests, check steps and other stages add up', async () => {
  const { output, exitCode } = await totals({
    fast: { exit: 0, report: vitest('passed', 'passed') },
    check: { exit: 0, report: { passed: 9, failed: [] } },
    demo: { exit: 0 },
  });
  expect(output).toBe('12 passed, 0 failed\n');
  expect(exitCode).toBe(0);
});

test.each(['failed', 'skipped', 'pending', 'todo'])('a test that is %s counts as failed', async (status) => {
  const { output, exitCode } = await totals({ services: { exit: 0, report: vitest('passed', status) } });
  expect(output).toBe(`FAILED services: a.test.ts: test 1 (${status})\n1 passed, 1 failed\n`);
  expect(exitCode).toBe(1);
});

test('a failed check step is named', async () => {
  const { output, exitCode } = await totals({ check: { exit: 1, report: { passed: 8, failed: ['layers'] } } });
  expect(output).toBe('FAILED check: layers\n8 passed, 1 failed\n');
  expect(exitCode).toBe(1);
});

test('a stage fails by its exit code alone, with or without a report', async () => {
  const { output, exitCode } = await totals({ fast: { exit: 1, report: vitest('passed') }, demo: { exit: 124 } });
  expect(output).toBe('FAILED demo: exit code 124\nFAILED fast: exit code 1\n1 passed, 2 failed\n');
  expect(exitCode).toBe(1);
});

test('a run in which nothing passed has failed', async () => {
  const { output, exitCode } = await totals({});
  expect(output).toBe('0 passed, 0 failed\n');
  expect(exitCode).toBe(1);
});
