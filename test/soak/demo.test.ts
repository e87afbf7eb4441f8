import { expect, test } from 'vitest';
import type { DemoResult } from '../../examples/demo/result.ts';
import { leftBehind, startDemo } from '../examples/demo-process.ts';

// Strict, and therefore for a machine that does nothing else meanwhile.
test.each([1, 2, 3])('the demo protects the bot entirely (seed %i)', { timeout: 120_000 }, async (seed) => {
  const demo = startDemo('--seed', String(seed), '--json');
  const { code, stdout, stderr } = await demo.end;
  const result = JSON.parse(stdout) as DemoResult;
  expect(result.lateDelivered, stderr).toBe(0);
  expect(code, stderr).toBe(0);
  expect(result.trips.map(({ fault }) => fault)).toEqual(['latency', 'hang', 'errors', 'crash']);
  for (const { timeToTripMs } of result.trips) expect(timeToTripMs).toBeLessThan(100);
  expect(result.recoveredMs).toBeLessThan(1_000);
  expect(leftBehind(demo)).toBe(false);
});
