import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import { environment, MAIN, piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';
import { serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

const run = promisify(execFile);

const COMMANDS = [
  'list',
  'top',
  'explain',
  'open',
  'close',
  'release',
  'reset',
  'mode',
  'policy',
  'check',
  'backtest',
  'schema',
  'completion',
];

it('lists its commands without one, and with --help', async () => {
  const bare = await piped([]);
  expect(bare).toMatchObject({ exitCode: 0, stderr: '' });
  const help = await piped(['--help']);
  expect(help.stdout).toBe(bare.stdout);
  for (const command of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^  grpc-breaker ${command}\\b`, 'm'));
});

it.for([...COMMANDS.filter((command) => command !== 'policy'), 'policy get', 'policy reload'])(
  'helps with %s, by examples',
  async (command) => {
    const words = command.split(' ');
    const { stdout, exitCode } = await piped([...words, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout.startsWith(`grpc-breaker ${command}`)).toBe(true);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  grpc-breaker ${command} ?`));
  },
);

it('fits its help into a narrow terminal', async () => {
  const { text, exitCode } = await inTerminal(['list', '--help'], { columns: 60, rows: 80 });
  expect(exitCode).toBe(0);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});

it('tells its version', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await piped(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', exitCode: 0 });
});

it.for([
  [['frobnicate'], 'there is no command "frobnicate"\nnext:  grpc-breaker --help'],
  [['lsit'], 'there is no command "lsit"; did you mean list?'],
  [['list', '--stat', 'open'], 'there is no option or argument "stat"'],
  [['list', '--state', 'ajar'], 'that is none of the choices:'],
  [['list', '--address', 'a', '--address', 'b'], '--address is given 2 times'],
  [['top', '--interval', '1'], '--interval 1 is no interval'],
  [['top', '--count', '0'], '--count 0 is no number of times'],
] as const)('refuses %j in plain words', async ([args, error]) => {
  const { stdout, stderr, exitCode } = await piped(args);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr.startsWith(`error: ${error}`)).toBe(true);
  expect(stderr).toMatch(/\nnext: {2}\S/);
});

it('shows a stack with DEBUG only', async () => {
  const args = ['list', '-a', '127.0.0.1:1'];
  expect((await piped(args)).stderr).not.toMatch(/^ +at /m);
  expect((await piped(args, { env: { DEBUG: '1' } })).stderr).toMatch(/^ +at .*\ncaused by /ms);
});

it('prints the schema of policies', async () => {
  const { stdout, exitCode } = await piped(['schema']);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(readFileSync('policy.schema.json', 'utf8'));
  const { text } = await inTerminal(['schema'], { columns: 300 });
  expect(text).toContain('"$schema"');
});

it('ends without a word when its reader goes away', async () => {
  const { address } = await serve(Array.from({ length: 1_000 }, (_, index) => `model-${index}`));
  const line = `set -o pipefail; "$0" "$1" list -a ${address} --json | head -c 100; echo; "$0" "$1" top -i 100ms -a ${address} | head -2`;
  const { stdout, stderr } = await run('bash', ['-c', line, process.execPath, MAIN], { env: environment() });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\{"address".*\n\d{4}-\d\d-\d\dT.*\nSTATE /s);
});

it('says that its output cannot be written', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [MAIN, 'schema'], { env: environment(), stdio: ['ignore', full, 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => void (stderr += data.toString()));
  const exitCode = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: what was found cannot be written: ENOSPC[^\n]*\n$/)]);
});

it('ends with 130 at SIGINT', async () => {
  const { address } = await serve(['iris']);
  const child = spawn(process.execPath, [MAIN, 'top', '--json', '-a', address], { env: environment() });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const exitCode = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  expect(exitCode).toBe(130);
});
