import { expect, it, onTestFinished, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { Pty } from './helpers/pty.ts';
import { nameOf, serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

/** The names on the screen, from the top. */
const shown = (screen: readonly string[]) => screen.flatMap((line) => /^\S.*Unary\[(\w+)\]/.exec(line)?.[1] ?? []);

/** A screen without its numbers, which grow. */
const shape = (screen: readonly string[]) =>
  screen.map((line) => line.replaceAll(/(?<=\s)[\d.]+ ?(ms|s|m)?\b/g, '').replaceAll(/ +/g, ' ')).join('\n');

it('follows the breakers, tells what happened, and gives the terminal back at q', async () => {
  const { address, trip, breakers } = await serve(['iris', 'wine']);
  const pty = new Pty(['top', '-a', address]);
  await pty.sees('2 breakers, 0 open');
  expect(shown(pty.screen)).toEqual(['iris', 'wine']);
  expect([pty.isWhole, pty.hasCursor]).toEqual([true, false]);
  trip('wine');
  await pty.sees('2 breakers, 1 open');
  expect(shown(pty.screen).slice(0, 2)).toEqual(['wine', 'iris']);
  await pty.sees(/\d\d:\d\d:\d\d \S*Unary\[wine\] opens: 3 failures in a row/);
  expect(pty.colourOf('open ')).toBe(1);
  breakers.get(nameOf('wine'))?.override('forcedClosed', { reason: 'it is fine' });
  await pty.sees(/closed \(forced\) .*it is fine/);
  pty.type('q');
  expect(await pty.exitCode).toBe(0);
  expect([pty.isWhole, pty.hasCursor]).toEqual([false, true]);
});

it.for(['\u0003', 'SIGTERM'])('gives the terminal back at %j', async (how) => {
  const { address } = await serve(['iris']);
  const pty = new Pty(['top', '-a', address]);
  await pty.sees('1 breaker,');
  if (how === 'SIGTERM') pty.kill(how);
  else pty.type(how);
  expect(await pty.exitCode).toBe(how === 'SIGTERM' ? 143 : 130);
  expect([pty.isWhole, pty.hasCursor]).toEqual([false, true]);
});

it('fits the terminal, also when it changes its size', async () => {
  const { address, trip } = await serve(Array.from({ length: 100 }, (_, index) => `m${index}`));
  trip('m77');
  const pty = new Pty(['top', '-a', address], { columns: 120, rows: 24 });
  await pty.sees('100 breakers, 1 open');
  expect(pty.screen[0]).toBe(`grpc-breaker top  ${address}`);
  expect(pty.screen[22]).toContain('q end');
  expect(pty.screen[4]).toContain('m77');
  for (const [columns, rows] of [
    [50, 12],
    [30, 8],
    [140, 40],
  ] as const) {
    pty.resize(columns, rows);
    await pty.sees(
      (screen) => screen[rows - 2]?.includes(' of 100 ') === true && screen[0]?.startsWith('grpc-breaker top') === true,
    );
    expect(pty.screen.filter((line) => line.startsWith('grpc-breaker top'))).toHaveLength(1);
    expect(shown(pty.screen)[0] ?? pty.screen[4]).toContain('m77');
    const fresh = new Pty(['top', '-a', address], { columns, rows });
    // Nothing is left of how it was: as if it had been of this size from the start.
    await fresh.sees((screen) => shape(screen) === shape(pty.screen));
    fresh.type('q');
    await fresh.exitCode;
  }
  pty.type('q');
  await pty.exitCode;
});

it('draws what changes, and nothing else: no flicker', async () => {
  const { address, call } = await serve(Array.from({ length: 15 }, (_, index) => `m${index}`));
  const pty = new Pty(['top', '-a', address, '--interval', '200ms'], { rows: 30 });
  await pty.sees('15 breakers');
  await pty.sees(/Unary\[m3\].* 0$/m);
  const before = pty.output.length;
  for (let calls = 0; calls < 5; calls++) call('m3');
  await pty.sees(/Unary\[m3\] .*\d\.\d/);
  const drawn = pty.output.slice(before);
  expect(drawn).not.toContain('\u001b[2J');
  // Each frame is one that the terminal shows at once.
  expect(drawn.split('\u001b[?2026h').length).toBe(drawn.split('\u001b[?2026l').length);
  pty.type('q');
  await pty.exitCode;
});

it('sorts, turns round, scrolls and filters by keys', async () => {
  const { address, trip } = await serve(Array.from({ length: 60 }, (_, index) => `m${index + 10}`));
  trip('m42');
  const pty = new Pty(['top', '-a', address], { rows: 20 });
  await pty.sees('60 breakers, 1 open');
  pty.type('s');
  await pty.sees('by name');
  expect(shown(pty.screen)[0]).toBe('m10');
  pty.type('r');
  await pty.sees('by name, turned round');
  expect(shown(pty.screen)[0]).toBe('m69');
  pty.type('\u001b[B');
  await pty.sees((screen) => shown(screen)[0] === 'm68');
  pty.type('\u001b[F');
  await pty.sees((screen) => shown(screen).includes('m10'));
  pty.type('/');
  pty.type('m4');
  pty.type('\r');
  await pty.sees('only "m4"');
  await pty.sees((screen) => shown(screen).join() === 'm49,m48,m47,m46,m45,m44,m43,m42,m41,m40');
  pty.type('/');
  pty.type('\u001b');
  await pty.sees((screen) => shown(screen)[0] === 'm69');
  pty.type('h');
  await pty.sees('turn round');
  pty.type('q');
  expect(await pty.exitCode).toBe(0);
});

it('says that the server went away, and goes on when it is back', async () => {
  const { admin, address } = await serve(['iris']);
  const pty = new Pty(['top', '-a', address]);
  await pty.sees('1 breaker,');
  await admin.close();
  await pty.sees('no connection for');
  expect(shown(pty.screen)).toEqual(['iris']);
  await serve(['wine', 'rose'], { address });
  await pty.sees('2 breakers,');
  expect(shown(pty.screen)).toEqual(['rose', 'wine']);
  pty.type('q');
  expect(await pty.exitCode).toBe(0);
});

it('prints a table each time into a pipe, and a line of JSON with --json', async () => {
  const { address, trip } = await serve(['iris', 'wine']);
  trip('wine');
  const table = await piped(['top', '-a', address, '--count', '2', '--interval', '300ms']);
  expect([table.exitCode, table.stderr]).toEqual([0, '']);
  expect(table.stdout.match(/^STATE +NAME/gm)).toHaveLength(2);
  expect(table.stdout).not.toContain('\u001b');
  const json = await piped(['top', '-a', address, '-n', '2', '-i', '300ms', '--json', 'wine']);
  const [first, second] = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ address, connected: true, breakers: [{ name: nameOf('wine'), state: 'open', rates: null }] });
  expect(second).toMatchObject({ breakers: [{ rates: { callsPerSecond: 0, failedShare: null, refusedPerSecond: 0 } }] });
});

it('ends with 3 where there is nobody, without taking the terminal', async () => {
  const pty = new Pty(['top', '-a', '127.0.0.1:1']);
  expect(await pty.exitCode).toBe(3);
  expect(pty.text).toMatch(/^error: the admin service 127.0.0.1:1 cannot be reached/);
  expect(pty.output).not.toContain('\u001b[?1049h');
});

it.for([
  [1, 1],
  [10, 3],
  [20, 5],
] as const)('lives in a terminal of %i columns and %i rows', async ([columns, rows]) => {
  const { address, trip } = await serve(['iris', 'wine']);
  const pty = new Pty(['top', '-a', address], { columns, rows });
  await pty.sees(() => pty.isWhole);
  trip('wine');
  pty.type('shr');
  pty.resize(80, 24);
  await pty.sees('2 breakers, 1 open');
  pty.resize(columns, rows);
  pty.type('q');
  expect(await pty.exitCode).toBe(0);
});

it('answers keys at once with a thousand breakers that all change', async () => {
  const models = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
  const { address, call } = await serve(models);
  const timer = setInterval(() => models.forEach(call), 200);
  onTestFinished(() => clearInterval(timer));
  const pty = new Pty(['top', '-a', address]);
  await pty.sees(/1000 breakers, 0 open, 0 half-open, \d{4} calls\/s/);
  const began = performance.now();
  for (const key of ['s', 'r', '\u001b[6~', 'h']) pty.type(key);
  await pty.sees('turn round');
  expect(performance.now() - began).toBeLessThan(2_000);
  pty.type('q');
  expect(await pty.exitCode).toBe(0);
});
