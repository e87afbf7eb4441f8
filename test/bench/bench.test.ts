import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GOALS } from '../../bench/goals.ts';
import type { Report } from '../../bench/report.ts';
import { SUITES } from '../../bench/suites/index.ts';

const runBench = (...options: string[]) =>
  promisify(execFile)(process.execPath, ['bench/main.ts', ...options], { maxBuffer: 1e7 });

describe('npm run bench -- --quick --json', { timeout: 120_000 }, () => {
  it('runs every suite, prints one JSON object and nothing else, and judges every goal', async () => {
    const { stdout } = await runBench('--quick', '--json');
    const { machine, source, isQuick, metrics, goals } = JSON.parse(stdout) as Report;

    expect(machine).toMatchObject({ node: process.versions.node, cpus: expect.any(Number), date: expect.any(String) });
    expect({ source, isQuick }).toEqual({ source: 'src', isQuick: true });
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length);
    for (const { id, what, median, low, high, min, max, rounds } of metrics) {
      expect(what, id).not.toBe('');
      expect(Number.isFinite(median), id).toBe(true);
      expect(min <= low && low <= median && median <= high && high <= max, id).toBe(true);
      expect(rounds, id).toBeGreaterThan(0);
    }
    const measured = new Set(metrics.map(({ id }) => id.slice(0, id.indexOf('.'))));
    expect(measured).toEqual(new Set(Object.keys(SUITES).filter((name) => name !== 'memory-bare')));
    // A goal whose metric nobody measures would go missing silently.
    expect(goals.map(({ metric }) => metric)).toEqual(GOALS.map(({ metric }) => metric));
    for (const { metric, median, atMost, isMet } of goals) expect(isMet, metric).toBe(median <= atMost);
  });

  it('sees 16 bytes a call where they are allocated, none where nothing is, and none in core', async () => {
    const { stdout } = await runBench('--quick', '--json', '--only', 'allocation');
    const { metrics } = JSON.parse(stdout) as Report;
    // The least of the rounds: the compiler may be at work in one of them.
    const bytes = (id: string) => metrics.find((metric) => metric.id === `allocation.${id}`)?.min;
    expect(bytes('control.0')).toBeLessThan(0.5);
    expect(bytes('control.16')).toBeCloseTo(16, 0);
    for (const condition of ['failureRate', 'consecutiveFailures', 'all'])
      expect(bytes(`slot.${condition}`), condition).toBeLessThan(0.5);
  });

  it('says for people what was measured, and knows its suites', async () => {
    const { stdout } = await runBench('--quick', '--only', 'memory');
    expect(stdout).toContain('A quick run');
    expect(stdout).toContain('breakers of a policy, heap and external');
    expect(stdout).toMatch(/\d+ of \d+ goals met/);
    await expect(runBench('--quick', '--only', 'memory,speed')).rejects.toMatchObject({
      stderr: expect.stringContaining('there is no suite speed'),
    });
  });
});
