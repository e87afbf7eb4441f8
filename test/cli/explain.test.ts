import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it, vi } from 'vitest';
import { piped } from './helpers/piped.ts';
import { inTerminal } from './helpers/pty.ts';
import { nameOf, serve } from './helpers/served.ts';

vi.setConfig({ testTimeout: 30_000 });

it('says why a breaker is open, what was seen, and what comes next', async () => {
  const { address, trip, call } = await serve(['iris']);
  trip('iris');
  call('iris');
  const { text, exitCode } = await inTerminal(['explain', 'iris', '-a', address], { columns: 140 });
  expect(exitCode).toBe(0);
  const lines = text.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
  expect(lines[0]).toMatch(/^127\.0\.0\.1:8081\/bench\.Raw\/Unary\[iris\] is open for \d+/);
  expect(lines).toContain('why  3 failures in a row (trips at 3)');
  expect(lines).toContain('numbers  failures 3, threshold 3');
  expect(lines).toContain('what then  the first trial in 9m 59s');
  expect(lines).toContainEqual(expect.stringMatching(/^seen  3 bad calls within [\d.]+ ms$/));
  expect(lines).toContain('calls  1 good, 3 failed, 0 ignored, 1 refused');
  expect(lines).toContain('refused  open 1');
  expect(lines).toContain('policy  methods[0], for bench.Raw/Unary at 127.0.0.1:8081');
});

it('says who forced it, until when, and into which mode', async () => {
  const { address } = await serve(['iris']);
  const change = (...args: string[]) => piped([...args, '-a', address, '--reason', 'INC-7', '--yes']);
  await change('open', 'iris', '--for', '2h');
  await change('mode', 'iris', 'observe', '--for', '3h');
  const { stdout } = await piped(['explain', 'iris', '-a', address]);
  expect(stdout).toMatch(/ is open \(forced, observe\) for /);
  expect(stdout).toMatch(/override +forced open, for another 1h 59m: INC-7 \(by tester from 127\.0\.0\.1:\d+\)/);
  expect(stdout).toMatch(/mode +observe, not as the policy says, for another 2h 59m: INC-7 \(by tester/);
});

it('gives the same as JSON', async () => {
  const { address, trip } = await serve(['iris']);
  trip('iris');
  const { stdout } = await piped(['explain', 'iris', '-a', address, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    address,
    breaker: {
      name: nameOf('iris'),
      state: 'open',
      verdict: { evidence: { bad: 3, calls: [{ durationMs: 12, failed: true }, {}, {}] } },
    },
  });
});

it('tells the trace of the outage, where there is telemetry', async () => {
  const { address, trip } = await serve(['iris'], { telemetry: { tracerProvider: new TracerProvider() } });
  expect((await piped(['explain', 'iris', '-a', address])).stdout).not.toMatch(/^ +trace /m);
  trip('iris');
  expect((await piped(['explain', 'iris', '-a', address])).stdout).toMatch(/^ +trace +[0-9a-f]{32}$/m);
});
