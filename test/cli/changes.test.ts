import { expect, it, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { inTerminal, Pty } from './helpers/pty.ts';
import { nameOf, serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

it('asks in a terminal, and does it after a yes only', async () => {
  const { address, breakers } = await serve(['iris', 'wine']);
  const question = `Refuse every call of ${nameOf('iris')} at ${address} for 15m? It is closed now. [y/N]`;
  const args = ['open', 'iris', '-a', address, '--reason', 'INC-1', '--for', '15m'];

  const refused = new Pty(args, { columns: 200 });
  await refused.sees(question);
  refused.type('n\r');
  expect(await refused.exitCode).toBe(1);
  expect(refused.text).toContain('error: nothing was changed');
  expect(breakers.get(nameOf('iris'))?.state).toBe('closed');

  const wanted = new Pty(args, { columns: 200 });
  await wanted.sees(question);
  wanted.type('y\r');
  expect(await wanted.exitCode).toBe(0);
  expect(wanted.text).toMatch(/Unary\[iris\] is open \(forced\): INC-1 \(by tester from \S+\) \(for another 1[45]m/);
  const { state, overrideEndsInMs } = breakers.get(nameOf('iris'))?.snapshot() ?? {};
  expect([state, Math.ceil((overrideEndsInMs ?? 0) / 60_000)]).toEqual(['open', 15]);
  expect(breakers.get(nameOf('wine'))?.state).toBe('closed');
});

it.each([
  { args: ['close', 'iris'], before: ['open', 'enforce', null], after: ['closed', 'enforce', 'forcedClosed'] },
  { args: ['release', 'iris'], before: ['open', 'enforce', 'forcedOpen'], after: ['open', 'enforce', null] },
  { args: ['reset', 'iris'], before: ['open', 'enforce', null], after: ['closed', 'enforce', null] },
  { args: ['mode', 'iris', 'observe'], before: ['open', 'enforce', null], after: ['open', 'observe', null] },
])('$args.0 asks in a terminal, too: no changes nothing, yes does it', async ({ args, before, after }) => {
  const { address, breakers, trip } = await serve(['iris']);
  trip('iris');
  const breaker = breakers.get(nameOf('iris'));
  if (before.includes('forcedOpen')) breaker?.override('forcedOpen', { reason: 'by a colleague' });
  const standing = () => {
    const { state, mode, override } = breaker?.snapshot() ?? {};
    return [state, mode, override];
  };
  const run = async (answer: string) => {
    const pty = new Pty([...args, '-a', address, '--reason', 'INC-2'], { columns: 200 });
    await pty.sees('[y/N]');
    pty.type(`${answer}\r`);
    return { exitCode: await pty.exitCode, text: pty.text };
  };
  expect(standing()).toEqual(before);
  const refused = await run('n');
  expect(refused).toMatchObject({ exitCode: 1, text: expect.stringContaining('error: nothing was changed') });
  expect(standing()).toEqual(before);
  const done = await run('y');
  expect(done).toMatchObject({ exitCode: 0, text: expect.stringContaining(nameOf('iris')) });
  expect(standing()).toEqual(after);
});

it.for(['\u0003', '\u0004'])('changes nothing where the question is answered with %j', async (key) => {
  const { address, breakers } = await serve(['iris']);
  const pty = new Pty(['open', 'iris', '-a', address, '--reason', 'INC-1'], { columns: 200 });
  await pty.sees('[y/N]');
  pty.type(key);
  expect(await pty.exitCode).toBe(key === '\u0003' ? 130 : 1);
  expect(breakers.list()[0]?.state).toBe('closed');
});

it('changes nothing without a terminal unless it is told --yes', async () => {
  const { address, breakers } = await serve(['iris']);
  const args = ['open', 'iris', '-a', address, '--reason', 'INC-1'];
  const refused = await piped(args);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toMatch(/nothing was changed\nnext: {2}add --yes\n$/);
  expect(breakers.list()[0]?.state).toBe('closed');
  const done = await piped([...args, '--yes']);
  expect(done).toMatchObject({ exitCode: 0, stderr: '' });
  expect(breakers.list()[0]?.state).toBe('open');
});

it('opens, closes, releases, resets and sets the mode', async () => {
  const { address, breakers, trip } = await serve(['iris']);
  trip('iris');
  const [breaker] = breakers.list();
  const after = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await piped([...args, '-a', address, '--reason', 'why', '--yes', '--json']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { breaker: told } = JSON.parse(stdout) as {
      breaker: { state: string; mode: string; override: { kind: string } | null };
    };
    return [told.state, told.mode, told.override?.kind];
  };
  expect(await after('close', 'iris')).toEqual(['closed', 'enforce', 'forcedClosed']);
  expect(breaker?.snapshot().override).toBe('forcedClosed');
  expect(await after('mode', 'iris', 'observe', '--for', '2h')).toEqual(['closed', 'observe', 'forcedClosed']);
  expect(breaker?.snapshot().mode).toBe('observe');
  expect((await after('release', 'iris')).slice(1)).toEqual(['enforce', undefined]);
  trip('iris');
  expect(breaker?.state).toBe('open');
  expect(await after('reset', 'iris')).toEqual(['closed', 'enforce', undefined]);
  expect(breaker?.state).toBe('closed');
});

it('says that a breaker that was released tries first', async () => {
  const { address } = await serve(['iris']);
  const change = (command: string) => piped([command, 'iris', '-a', address, '--reason', 'x', '--yes']);
  await change('open');
  expect((await change('release')).stdout).toBe(`${nameOf('iris')} is open: the next call is a trial\n`);
});

it.for([
  [['open', 'iris'], 'a reason is missing', /grpc-breaker open NAME --reason/],
  [['mode', 'iris', 'off', '--reason', ' '], 'a reason is missing', /grpc-breaker mode NAME off --reason/],
  [['open', 'iris', '--reason', 'x', '--for', 'soon'], '--for soon is no duration', /90s, 15m or 2h/],
  [['mode', 'iris', 'on', '--reason', 'x'], 'that is none of the choices:', /--help/],
  [['release', 'iris', '--reason', 'x', '--for', '1h'], 'there is no option or argument "for"', /--help/],
  [['open', '--reason', 'x'], 'an argument is missing: 0 given, 1 needed', /--help/],
] as const)('refuses %j before it connects', async ([args, error, next]) => {
  const { stderr, stdout, exitCode } = await piped([...args, '-a', '127.0.0.1:1', '--yes']);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`error: ${error}`);
  expect(stderr).toMatch(next);
});

it('takes a part of a name that no other has, and asks where several have it', async () => {
  const { address } = await serve(['iris', 'iris2', 'Wine']);
  const explain = (name: string) => piped(['explain', name, '-a', address]);
  expect((await explain('WINE')).stdout).toContain(nameOf('Wine'));
  expect((await explain('unary[iris]')).stdout).toContain(nameOf('iris'));
  expect((await explain('iris')).stdout).toContain(nameOf('iris'));
  const several = await explain('iri');
  expect(several).toMatchObject({ exitCode: 1, stdout: '' });
  expect(several.stderr).toContain(`"iri" may be any of 2 breakers:\n         ${nameOf('iris2')}\n         ${nameOf('iris')}\n`);
  const none = await explain('Unary[wnie]');
  expect(none).toMatchObject({ exitCode: 1, stdout: '' });
  expect(none.stderr).toBe(`error: there is no breaker "Unary[wnie]"\nnext:  did you mean ${nameOf('Wine')}?\n`);
});

it('says what the server refused', async () => {
  const { address } = await serve(['iris'], { maxExpiry: '1h' });
  const { stderr, exitCode } = await piped(['open', 'iris', '-a', address, '--reason', 'x', '--for', '2h', '--yes']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: expiry is 7200s; expected at most 3600s/);
  expect(stderr).not.toMatch(/INVALID_ARGUMENT|at .*\.ts/);
});

it('colours the state of what came of it', async () => {
  const { address } = await serve(['iris']);
  const { pty, exitCode } = await inTerminal(['open', 'iris', '-a', address, '--reason', 'x', '--yes']);
  expect(exitCode).toBe(0);
  expect(pty.output).toContain('\u001b[31mopen (forced)\u001b[39m');
});

it('takes no part of a name where nobody is asked whether it is the right one', async () => {
  const { address, breakers } = await serve(['iris-batch']);
  const open = (name: string) => piped(['open', name, '-a', address, '--reason', 'x', '--yes']);
  expect(await open('iris')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no breaker "iris"') as string,
  });
  expect(breakers.list()[0]?.state).toBe('closed');
  expect((await open('iris-batch')).exitCode).toBe(0);
});
