import { expect, it, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';
import { nameOf, serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

const RED = 1;
const GREEN = 2;

it('shows those that need attention first, in a terminal with colours and within its width', async () => {
  const { address, trip, breakers } = await serve(['iris', 'wine', 'rose']);
  trip('wine');
  breakers.get(nameOf('rose'))?.override('forcedClosed', { reason: 'a test' });
  const { text, exitCode, pty } = await inTerminal(['list', '-a', address], { columns: 100 });
  expect(exitCode).toBe(0);
  expect(text.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(['STATE', 'open', 'closed (forced)', 'closed']);
  expect(text).toContain('3 failures in a row');
  expect([pty.colourOf('open'), pty.colourOf('closed  ')]).toEqual([RED, GREEN]);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

it('cuts names at their start where the terminal is narrow, and leaves columns out', async () => {
  const { address, trip } = await serve(['iris', 'wine']);
  trip('wine');
  const { text } = await inTerminal(['list', '-a', address], { columns: 40 });
  const lines = text.split('\n');
  expect(lines[0]).not.toContain('REFUSED');
  expect(lines.map((line) => line.length <= 40)).toEqual([true, true, true]);
  expect(lines[1]).toMatch(/^open +….*Unary\[wine\]/);
});

it('prints whole names and no colours into a pipe', async () => {
  const { address, trip } = await serve(['a'.repeat(120), 'wine']);
  trip('wine');
  const { stdout, stderr, exitCode } = await piped(['list', '--address', address]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain(nameOf('a'.repeat(120)));
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n')[1]).toMatch(
    /^open +127\.0\.0\.1:8081\/bench\.Raw\/Unary\[wine\] .* 3 failures in a row \(trips at 3\)$/,
  );
});

it('colours pipes with FORCE_COLOR, and no terminal with NO_COLOR', async () => {
  const { address } = await serve(['iris']);
  const forced = await piped(['list', '-a', address], { env: { FORCE_COLOR: '1' } });
  expect(forced.stdout).toContain('\u001b[32m');
  const { pty } = await inTerminal(['list', '-a', address], { env: { NO_COLOR: '1' } });
  expect(pty.output).toContain('iris');
  expect(pty.output).not.toContain('\u001b[32m');
});

it('filters by state and by name', async () => {
  const { address, trip } = await serve(['iris', 'wine', 'winery']);
  trip('wine');
  const names = async (...args: string[]) => {
    const { stdout } = await piped(['list', '-a', address, '--json', ...args]);
    return (JSON.parse(stdout) as { breakers: { name: string }[] }).breakers.map(({ name }) => name);
  };
  expect(await names('--state', 'open', 'halfOpen')).toEqual([nameOf('wine')]);
  expect(await names('WINE')).toEqual([nameOf('wine'), nameOf('winery')]);
  expect(await names('wine', '--state', 'closed')).toEqual([nameOf('winery')]);
});

it('tells everything as JSON', async () => {
  const { address, trip, breakers } = await serve(['iris']);
  trip('iris');
  breakers.get(nameOf('iris'))?.tryAcquire();
  const { stdout } = await piped(['list', '-a', address, '--json']);
  const [breaker] = (JSON.parse(stdout) as { breakers: unknown[] }).breakers;
  expect(breaker).toMatchObject({
    name: nameOf('iris'),
    target: '127.0.0.1:8081',
    method: 'bench.Raw/Unary',
    policy: 'methods[0]',
    state: 'open',
    mode: 'enforce',
    modeOverride: null,
    override: null,
    verdict: {
      reason: 'consecutiveFailures',
      text: '3 failures in a row (trips at 3)',
      numbers: { failures: 3, threshold: 3 },
      signal: null,
    },
    trialDue: false,
    nextTrialInMs: expect.closeTo(600_000, -5) as number,
    calls: { success: 1, failure: 3, ignored: 0, rejected: { open: 1 }, wouldReject: {} },
    latency: null,
    traceId: null,
  });
});

it('lists a thousand, over several pages', async () => {
  const models = Array.from({ length: 1_200 }, (_, index) => `m${index}`);
  const { address, trip } = await serve(models);
  trip('m1100');
  const { stdout } = await piped(['list', '-a', address]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1_201);
  expect(lines[1]).toContain('m1100');
});

it('shows control characters in names and reasons as text', async () => {
  const { address, breakers } = await serve(['\u202eiris']);
  breakers.list()[0]?.override('forcedOpen', { reason: '\u001b]52;c;aGk=\u0007 \u001b[2J' });
  for (const { stdout } of [await piped(['list', '-a', address]), await piped(['explain', 'iris', '-a', address])]) {
    expect(stdout).toContain('Unary[\\u202eiris]');
    expect(stdout).toContain('\\u001b]52;c;aGk=\\u0007 \\u001b[2J');
    expect(stdout).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
  }
});
