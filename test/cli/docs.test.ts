import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { piped } from './helpers/piped.ts';

vi.setConfig({ testTimeout: 30_000 });

const page = readFileSync('docs/cli.md', 'utf8');

it('names every exit code, and no other', () => {
  const table = page.slice(page.indexOf('| ends with |'), page.indexOf('Results go to'));
  const codes = Array.from(table.matchAll(/^\| ([\d, ]+) \|/gm), (match) => (match[1] ?? '').split(', ').map(Number)).flat();
  expect(codes.toSorted((one, other) => one - other)).toEqual(Object.values(EXIT).toSorted((one, other) => one - other));
});

it('shows commands and options that there are', async () => {
  const lines = Array.from(page.matchAll(/^(?:\$ )?grpc-breaker (\w+)(?: (get|reload))?(.*)$/gm));
  expect(lines.length).toBeGreaterThan(12);
  for (const [line, command = '', second, rest = ''] of lines) {
    const words = [command, ...(second === undefined ? [] : [second])];
    const { stdout, exitCode } = await piped([...words, '--help']);
    expect([exitCode, stdout.startsWith(`grpc-breaker ${words.join(' ')}`)], line).toEqual([0, true]);
    const [own = ''] = rest.split(/[|>#]/);
    for (const [option] of own.matchAll(/--[\w-]+/g)) expect(stdout, line).toContain(option);
  }
});

it('names the fields of a breaker as they are', async () => {
  const view = readFileSync('src/cli/breaker-view.ts', 'utf8');
  const fields = view.slice(view.indexOf('export interface BreakerView'), view.indexOf('const STATES'));
  const names = Array.from(fields.matchAll(/^ {2}readonly (\w+):/gm), (match) => match[1] ?? '');
  const told = page.slice(page.indexOf('A `Breaker` has'), page.indexOf('# Who is open'));
  expect(names.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
});
