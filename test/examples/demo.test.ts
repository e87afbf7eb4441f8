import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DemoResult } from '../../examples/demo/result.ts';
import { leftBehind, startDemo } from './demo-process.ts';

const FIGURES = {
  lateDelivered: expect.any(Number),
  errors: expect.any(Number),
  meanMs: expect.any(Number),
  p99Ms: expect.any(Number),
};

// Other tests run beside these, so that this process may be made to wait for a processor, and answers may come late for that alone.
// Whether they never do on a machine of its own is asked in test/soak.
describe('the demo', { timeout: 60_000 }, () => {
  test('protects the bot from every fault, and says so in JSON alone', async () => {
    const demo = startDemo('--seconds', '5', '--seed', '3', '--json');
    const { code, stdout, stderr } = await demo.end;
    expect(stdout.split('\n')).toHaveLength(2);
    const result = JSON.parse(stdout) as DemoResult;

    expect(Object.keys(result)).toEqual([
      'trips',
      'calls',
      'fallbacks',
      'rejected',
      'lateDelivered',
      'recoveredMs',
      'withoutBreaker',
      'withBreaker',
    ]);
    expect(result).toMatchObject({ calls: 2_500, withoutBreaker: FIGURES, withBreaker: FIGURES });
    for (const trip of result.trips) expect(Object.keys(trip)).toEqual(['breaker', 'reason', 'fault', 'timeToTripMs']);
    expect(result.trips[0]?.breaker).toMatch(/^127\.0\.0\.1:\d+\/inference\.GRPCInferenceService\/ModelInfer$/);
    expect(new Set(result.trips.map(({ fault }) => fault)).size).toBeGreaterThanOrEqual(3);

    // Nine tenths of half a second of errors, a hang and a crash; two of them and the latency spike delivered late.
    expect(result.withoutBreaker.errors).toBeGreaterThan(500);
    expect(result.withoutBreaker.lateDelivered).toBeGreaterThan(400);
    expect(result.withBreaker?.errors).toBe(0);
    expect(result.withBreaker?.lateDelivered).toBe(result.lateDelivered);
    expect(result.lateDelivered).toBeLessThan(result.withoutBreaker.lateDelivered / 4);
    expect(result.rejected).toBeGreaterThan(500);
    expect(result.fallbacks).toBeGreaterThan(result.rejected);

    expect(code).toBe(stderr.includes('Not protected:') ? 1 : 0);
    if (result.lateDelivered > 0 || result.recoveredMs === null) expect(code).toBe(1);
    expect(readFileSync(join(demo.folder, 'demo-report.html'), 'utf8')).toContain('with the breaker');
    expect(leftBehind(demo)).toBe(false);
  });
});
