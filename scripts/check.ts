import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { run } from './run.ts';

// Runs every script of package.json named `check:...`, in their order there, and reports all that fail. Those after
// `check:build` look at what was built: without a build they have failed, for some of them pass when they find nothing.
//   --report FILE   also writes the result as JSON: { "passed": 11, "failed": ["layers"] }

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const steps = Object.keys(manifest.scripts).filter((name) => name.startsWith('check:'));

const failed: string[] = [];
for (const step of steps) {
  const name = step.slice('check:'.length);
  if (failed.includes('build')) {
    failed.push(name);
    process.stdout.write(`${name.padEnd(8)} FAILED (not run: there is no build)\n`);
    continue;
  }
  const { exitCode, output, seconds } = await run('npm', ['run', '--silent', step]);
  if (exitCode !== 0) {
    failed.push(name);
    process.stdout.write(`${output.trimEnd()}\n`);
  }
  process.stdout.write(`${name.padEnd(8)} ${exitCode === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)\n`);
}

const passed = steps.length - failed.length;
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failed }));
process.stdout.write(`check: ${passed} ok, ${failed.length} FAILED${failed.length > 0 ? `: ${failed.join(', ')}` : ''}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
