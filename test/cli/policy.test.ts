import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { inTerminal, Pty } from './helpers/pty.ts';
import { serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'cli-policy-')), 'breakers.yaml');
  writeFileSync(file, text);
  return file;
}

const STRICTER = `methods:
  - name: [{}]
    key: [target, method, request.model_name]
    trip: { consecutiveFailures: 2 }
    openFor: 10m
    jitter: 0
    rampUp: 0
`;

it('prints the policy that holds, as a document that can be loaded again', async () => {
  const { address } = await serve(['iris']);
  const got = await piped(['policy', 'get', '-a', address]);
  expect([got.exitCode, got.stderr]).toEqual([0, '']);
  expect(got.stdout).toContain('consecutiveFailures: 3');
  const checked = await piped(['check', '-'], { input: got.stdout });
  expect(checked).toMatchObject({ exitCode: 0, stdout: '<stdin>: good, 1 policy\n' });
  const { pty } = await inTerminal(['policy', 'get', '-a', address]);
  expect(pty.text).toBe(got.stdout.trimEnd());
});

it('prints a $ as a document has it, however often it is loaded again', async () => {
  const policy = { methods: [{ name: [{ service: 'a$b$$c' }] }] };
  const { address, breakers } = await serve(['iris'], { policy });
  for (let round = 0; round < 2; round++) {
    const { stdout } = await piped(['policy', 'get', '-a', address]);
    expect(stdout).toContain('a$$b$$$$c');
    await piped(['policy', 'reload', '-', '-a', address, '--reason', 'x', '--yes'], { input: stdout });
    expect(breakers.policy).toEqual(policy);
  }
});

it('says that a policy has code in it', async () => {
  const { address } = await serve(['iris'], { policy: { methods: [{ classify: () => 'success' }] } });
  const { stdout, stderr } = await piped(['policy', 'get', '-a', address]);
  expect(stdout).toMatch(/classify: .*function/);
  expect(stderr).toMatch(/^note: it has functions or clients of code in it/);
});

it('puts another in place after a yes, and tells what changed', async () => {
  const { address, breakers } = await serve(['iris', 'wine']);
  const file = written(STRICTER);
  const pty = new Pty(['policy', 'reload', file, '-a', address, '--reason', 'stricter'], { columns: 200 });
  await pty.sees(/Put \S+breakers\.yaml in place of the policy at \S+\? \[y\/N\]/);
  expect(breakers.policy.methods?.[0]?.trip).toEqual({ consecutiveFailures: 3 });
  pty.type('yes\r');
  expect(await pty.exitCode).toBe(0);
  expect(pty.text).toContain('holds now: 1 change; 2 breakers kept, 0 ended');
  expect(pty.text).toContain('methods[0].trip.consecutiveFailures: 3 -> 2');
  expect(breakers.policy.methods?.[0]?.trip).toEqual({ consecutiveFailures: 2 });
});

it('takes a document from a pipe, and gives its changes as JSON', async () => {
  const { address } = await serve(['iris']);
  const args = ['policy', 'reload', '-', '-a', address, '--reason', 'stricter', '--yes', '--json'];
  const { stdout, exitCode } = await piped(args, { input: STRICTER });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    address,
    applied: true,
    kept: 1,
    ended: 0,
    changes: [{ path: 'methods[0].trip.consecutiveFailures', from: 3, to: 2 }],
  });
});

it('tells every problem of one that is refused, before anyone is asked', async () => {
  const { address, breakers } = await serve(['iris']);
  const file = written('methods:\n  - deadlin: 5ms\n    trip: { consecutiveFailures: 0 }\n');
  for (const args of [['--reason', 'x'], ['--check-only']]) {
    const { stderr, stdout, exitCode } = await piped(['policy', 'reload', file, '-a', address, ...args]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('did you mean "deadline"?');
    expect(stderr).toContain('consecutiveFailures');
  }
  expect(breakers.policy.methods?.[0]?.trip).toEqual({ consecutiveFailures: 3 });
});

it('only checks with --check-only, without a reason or a question', async () => {
  const { address, breakers } = await serve(['iris']);
  const file = written(STRICTER);
  expect(await piped(['policy', 'reload', file, '-a', address, '--check-only'])).toEqual({
    ...{ exitCode: 0, stderr: '' },
    stdout: `${file} would be taken\n`,
  });
  expect(breakers.policy.methods?.[0]?.trip).toEqual({ consecutiveFailures: 3 });
});

it('changes nothing where another policy holds by now than the one it was made from', async () => {
  const { address } = await serve(['iris']);
  const { etag } = JSON.parse((await piped(['policy', 'get', '-a', address, '--json'])).stdout) as { etag: string };
  const reload = () =>
    piped(['policy', 'reload', '-', '-a', address, '--reason', 'x', '--yes', '--etag', etag], { input: STRICTER });
  expect((await reload()).exitCode).toBe(0);
  const late = await reload();
  expect(late.exitCode).toBe(1);
  expect(late.stderr).toMatch(/^error: /);
});

it('needs a reason, a file that can be read, and something to do', async () => {
  const noReason = await piped(['policy', 'reload', written(STRICTER), '-a', '127.0.0.1:1']);
  expect([noReason.exitCode, noReason.stderr.split('\n')[0]]).toEqual([2, 'error: a reason is missing']);
  const noFile = await piped(['policy', 'reload', '/nowhere.yaml', '--reason', 'x', '-a', '127.0.0.1:1']);
  expect([noFile.exitCode, noFile.stderr]).toEqual([2, expect.stringContaining('/nowhere.yaml cannot be read')]);
  expect((await piped(['policy'])).exitCode).toBe(2);
});
