import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

// The last lines of .ci/run: what failed, and `N passed, N failed`.
// node scripts/ci-totals.ts FOLDER, where each stage has left NAME.exit with its exit code, and may have left NAME.json: the
// report of vitest's JSON reporter or of scripts/check.ts. A stage without a report counts as one.

interface Assertion {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
}

interface VitestReport {
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Assertion[] }[];
}

interface CheckReport {
  readonly passed: number;
  readonly failed: readonly string[];
}

interface Result {
  readonly passed: number;
  /** What failed, by name. */
  readonly failed: readonly string[];
}

function ofVitest(report: VitestReport): Result {
  const all = report.testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name: `${basename(file)}: ${fullName} (${status})`, status })),
  );
  const failed = all.filter(({ status }) => status !== 'passed').map(({ name }) => name);
  return { passed: all.length - failed.length, failed };
}

function ofStage(folder: string, stage: string): Result {
  const exitCode = Number(readFileSync(join(folder, `${stage}.exit`), 'utf8'));
  const file = join(folder, `${stage}.json`);
  const report: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (report === undefined) return exitCode === 0 ? { passed: 1, failed: [] } : { passed: 0, failed: [`exit code ${exitCode}`] };
  const result = 'testResults' in (report as object) ? ofVitest(report as VitestReport) : (report as CheckReport);
  // A stage that failed although no test of its did: a file that could not be loaded, an unhandled error, a time limit.
  if (exitCode !== 0 && result.failed.length === 0) return { ...result, failed: [`exit code ${exitCode}`] };
  return result;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/ci-totals.ts FOLDER');
const stages = readdirSync(folder).filter((file) => file.endsWith('.exit'));
let passed = 0;
let failed = 0;
for (const stage of stages.map((file) => basename(file, '.exit'))) {
  const result = ofStage(folder, stage);
  for (const name of result.failed) process.stdout.write(`FAILED ${stage}: ${name}\n`);
  passed += result.passed;
  failed += result.failed.length;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
