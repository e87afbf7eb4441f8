import { expect, it } from 'vitest';
import { ConsecutiveFailures } from '../../../src/core/trip/consecutive-failures.ts';

it.each([1, 2, 5])('is met at %d failures in a row', (threshold) => {
  const condition = new ConsecutiveFailures({ threshold });
  for (let i = 1; i < threshold; i++) expect(condition.record(true, 0, 0, false)).toBe(false);
  expect(condition.record(true, 0, 0, false)).toBe(true);
  expect(condition.verdict()).toEqual({ reason: 'consecutiveFailures', failures: threshold, threshold });
});

it('begins anew at a success, however long after', () => {
  const condition = new ConsecutiveFailures({ threshold: 3 });
  const results = [true, true, false, true, true, false, true, true, true].map((failed, i) =>
    condition.record(failed, 1e9, i * 1e9, false),
  );
  expect(results.indexOf(true)).toBe(8);
});

it('says how near it is, and forgets', () => {
  const condition = new ConsecutiveFailures({ threshold: 3 });
  condition.record(true, 0, 0, false);
  condition.record(true, 0, 0, false);
  expect(condition.snapshot(1e12)).toEqual({ condition: 'consecutiveFailures', value: 2, threshold: 3, calls: 2 });
  condition.clear();
  expect(condition.snapshot(0)).toMatchObject({ value: 0, calls: 0 });
  expect(condition.record(true, 0, 0, false)).toBe(false);
});

it('does not look at durations', () => {
  expect(new ConsecutiveFailures({ threshold: 3 }).slowerThanMs).toBe(Infinity);
});
