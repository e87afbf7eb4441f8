import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { recordCalls } from '../../src/recording/record-calls.ts';
import { type LiveCall, playLive } from '../recording/helpers/live-run.ts';
import { temporaryFolder } from '../recording/helpers/temporary-folder.ts';
import { piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Twenty seconds of calls, of which those of the tenth fail. */
const CALLS: LiveCall[] = Array.from({ length: 1_000 }, (_, index) => {
  const atMs = 20 * index;
  return atMs >= 10_000 && atMs < 11_000 ? { atMs, tookMs: 5, code: 14 } : { atMs, tookMs: 5 };
});

/** A folder with a recording and two policies. */
async function recorded(): Promise<string> {
  const cwd = temporaryFolder();
  const recorder = recordCalls(join(cwd, 'calls.jsonl'));
  playLive({ methods: [{ trip: { consecutiveFailures: 1_000 } }] }, CALLS, recorder);
  await recorder.close();
  const policy = (failures: number) =>
    `methods:\n  - trip: { consecutiveFailures: ${failures} }\n    openFor: 1s\n    jitter: 0\n    rampUp: 0\n`;
  writeFileSync(join(cwd, 'new.yaml'), policy(5));
  writeFileSync(join(cwd, 'old.yaml'), policy(100));
  return cwd;
}

it('tells what a policy would have done, beside another', async () => {
  const cwd = await recorded();
  const args = ['backtest', '--policy', 'new.yaml', '--against', 'old.yaml', 'calls.jsonl'];
  const { stdout, stderr, exitCode } = await piped(args, { cwd });
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^1,?000 calls of 1 process, /);
  expect(stdout).toMatch(/^trips +0 +1 +0$/m);
  expect(stdout).toContain('5 failures in a row (trips at 5)');
  const screen = await inTerminal(args, { cwd, columns: 100, rows: 60 });
  expect(screen.exitCode).toBe(0);
  expect(screen.text).toContain('5 failures in a row');
  expect(Math.max(...screen.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(screen.pty.output).toContain('\u001b[32m');
});

it('gives it as JSON, of compressed recordings, too', async () => {
  const cwd = await recorded();
  writeFileSync(join(cwd, 'calls.jsonl.gz'), gzipSync(readFileSync(join(cwd, 'calls.jsonl'))));
  const { stdout, exitCode } = await piped(['backtest', '-p', 'new.yaml', 'calls.jsonl.gz', '--json'], { cwd });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    recording: { calls: 1_000, badLines: 0 },
    lanes: [
      { name: 'live', total: { trips: 0, failed: 50 } },
      { name: 'policy', title: 'policy new.yaml', total: { trips: 1, failed: 5, refusedBad: 45 } },
    ],
  });
});

it('tells the lines of a recording that cannot be read, and uses the rest', async () => {
  const cwd = await recorded();
  appendFileSync(join(cwd, 'calls.jsonl'), '[1,2,"no line"]\n');
  const { stdout, exitCode } = await piped(['backtest', '-p', 'new.yaml', 'calls.jsonl'], { cwd });
  expect(exitCode).toBe(0);
  const lines = readFileSync(join(cwd, 'calls.jsonl'), 'utf8').trimEnd().split('\n').length;
  expect(stdout).toMatch(new RegExp(`calls\\.jsonl.*${lines}\\D.*is no line of a recording`));
  expect(stdout).toMatch(/^trips +0 +1$/m);
});

it.for([
  [['backtest', '-p', 'new.yaml', 'nowhere.jsonl'], 1, /^error: there is no file nowhere\.jsonl/],
  [['backtest', '-p', 'new.yaml', 'old.yaml'], 1, /^error: old\.yaml: no recording of recordCalls/],
  [
    ['backtest', '-p', 'nowhere.yaml', 'calls.jsonl'],
    1,
    /^error: policy nowhere\.yaml was refused, 1 problem:\n +cannot be read/,
  ],
  [['backtest', 'calls.jsonl'], 2, /^error: an option is missing: --policy\nnext: {2}grpc-breaker backtest --help/],
  [['backtest', '-p', 'new.yaml'], 2, /^error: an argument is missing: 0 given, 1 needed/],
  [['backtest', '-p', 'new.yaml', 'calls.jsonl', '--svg', '/nowhere/x.svg'], 2, /^error: \/nowhere\/x\.svg cannot be written/],
] as const)('says what is wrong with %j', async ([args, code, error]) => {
  const cwd = await recorded();
  const { stdout, stderr, exitCode } = await piped(args, { cwd });
  expect([exitCode, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(error);
});

it('writes a timeline as a page and as a picture', async () => {
  const cwd = await recorded();
  const { exitCode, stderr } = await piped(
    ['backtest', '-p', 'new.yaml', 'calls.jsonl', '--html', 'report.html', '--svg', 'report.svg'],
    { cwd },
  );
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(existsSync(join(cwd, 'report.svg'))).toBe(true);
  expect(readFileSync(join(cwd, 'report.svg'), 'utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
  expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
});
