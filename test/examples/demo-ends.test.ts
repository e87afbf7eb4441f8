import { describe, expect, test, vi } from 'vitest';
import { type DemoProcess, leftBehind, startDemo } from './demo-process.ts';

/** Waits until the bot has traded for two seconds. */
async function underWay(demo: DemoProcess): Promise<void> {
  await vi.waitUntil(() => demo.written().includes('without the breaker'), { timeout: 30_000 });
}

describe.concurrent('how the demo ends', { timeout: 60_000 }, () => {
  test('without the breaker it is never a success', async () => {
    const demo = startDemo('--seconds', '5', '--no-breaker');
    const { code, stdout } = await demo.end;
    expect(code).toBe(1);
    expect(stdout).toContain('nothing was protected');
    expect(stdout).not.toContain('with the breaker');
    expect(leftBehind(demo)).toBe(false);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it and its model server at once', async (signal) => {
    const demo = startDemo('--seconds', '60');
    await underWay(demo);
    process.kill(-(demo.child.pid ?? 0), signal);
    const { code } = await demo.end;
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(leftBehind(demo)).toBe(false);
  });

  test('killed, it leaves no model server behind', async () => {
    const demo = startDemo('--seconds', '60');
    await underWay(demo);
    demo.child.kill('SIGKILL');
    await demo.end;
    await vi.waitUntil(() => !leftBehind(demo), { timeout: 5_000 });
  });

  test('a wrong flag is refused before anything starts', async () => {
    const { code, stdout, stderr } = await startDemo('--secnds', '5').end;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('--secnds');
    expect(stderr).toContain('--help');
  });

  test('a server that is not there is named', async () => {
    const { code, stderr } = await startDemo('--server', '127.0.0.1:1', '--json').end;
    expect(code).toBe(2);
    expect(stderr).toContain('no server answers at 127.0.0.1:1');
  });
});
