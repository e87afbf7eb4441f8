import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it, vi } from 'vitest';
import { environment, MAIN, piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';
import { nameOf, serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

const run = promisify(execFile);

/** A folder with the program in it, as npm would link it. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-completion-'));
  const file = join(folder, 'grpc-breaker');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(file, 0o755);
});

/** What a real bash offers at the end of a line. */
async function offered(line: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const script = `source <(grpc-breaker completion bash)
read -ra COMP_WORDS <<< "$1"; [[ "$1" == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}
_grpc-breaker_yargs_completions
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const path = { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  // A login shell that is another must not confuse it.
  const { stdout } = await run('bash', ['-c', script, 'bash', line], {
    env: { ...environment(env), ...path, SHELL: '/bin/zsh' },
  });
  return stdout.split('\n').filter((word) => word !== '');
}

it('completes commands and options in bash', async () => {
  expect(await offered('grpc-breaker re')).toEqual(['release', 'reset']);
  expect(await offered('grpc-breaker policy ')).toEqual(expect.arrayContaining(['get', 'reload']));
  expect(await offered('grpc-breaker check --aga')).toEqual(['--against']);
  expect(await offered('grpc-breaker list --state ')).toEqual(['closed', 'open', 'halfOpen']);
});

it('completes the names of breakers, without the target that no shell would take', async () => {
  const { address } = await serve(['iris', 'wine']);
  const env = { GRPC_BREAKER_ADDRESS: address };
  expect(await offered('grpc-breaker open ', env)).toEqual(['bench.Raw/Unary[iris]', 'bench.Raw/Unary[wine]']);
  expect(await offered('grpc-breaker explain bench.Raw/Unary[w', env)).toEqual(['bench.Raw/Unary[wine]']);
  expect(await offered(`grpc-breaker mode bench.Raw/Unary[wine] o`, env)).toEqual(['observe', 'off']);
});

it.for([
  ['open'],
  ['open', 'ir'],
  ['mode', 'iris', ''],
  ['explain', '--nope'],
  ['open', 'iris', '--reason', 'x', '--yes', ''],
  ['policy', 'reload', 'policy.schema.json', '--reason', 'x', '--yes', ''],
])('prints no error and does nothing for %j, which is not written to its end', async (words) => {
  const { address, breakers } = await serve(['iris']);
  const { stderr, exitCode } = await piped(['--get-yargs-completions', 'grpc-breaker', ...words], {
    env: { GRPC_BREAKER_ADDRESS: address },
  });
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(breakers.get(nameOf('iris'))?.snapshot().override).toBeNull();
});

it('offers no name that a shell would run', async () => {
  const { address } = await serve(['iris', '$(touch x)', '`x`', 'a;b', 'a b']);
  expect(await offered('grpc-breaker open ', { GRPC_BREAKER_ADDRESS: address })).toEqual(['bench.Raw/Unary[iris]']);
});

it('completes what it can where the server is away', async () => {
  expect(await offered('grpc-breaker open --rea', { GRPC_BREAKER_ADDRESS: '127.0.0.1:1' })).toEqual(['--reason']);
  expect(await offered('grpc-breaker open x', { GRPC_BREAKER_ADDRESS: '127.0.0.1:1' })).toEqual([]);
});

it('prints the script of each shell, that of SHELL unless told', async () => {
  const zsh = await piped(['completion', 'zsh'], { env: { SHELL: '/bin/bash' } });
  expect(zsh.stdout).toMatch(/^#compdef grpc-breaker\n/);
  expect(zsh.stdout).toContain('SHELL=/bin/zsh');
  expect((await piped(['completion'], { env: { SHELL: '/usr/bin/fish' } })).stdout).toContain('complete -f -c grpc-breaker');
  const { text, exitCode } = await inTerminal(['completion', 'bash'], { columns: 200, rows: 60 });
  expect([exitCode, text]).toEqual([
    0,
    expect.stringContaining('complete -o bashdefault -o default -F _grpc-breaker_yargs_completions grpc-breaker'),
  ]);
});
