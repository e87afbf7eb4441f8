import { describe, expect, test } from 'vitest';
import { shortcomings } from '../../examples/demo/judgement.ts';
import { resultOf } from '../../examples/demo/result.ts';
import { change, healthy, type SampleCall, sampleRun } from './sample-run.ts';

const faults = [
  { fault: 'latency', startMs: 1_000, endMs: 2_000 },
  { fault: 'errors', startMs: 4_000, endMs: 5_000 },
] as const;
const changes = [
  change(1_030, 'closed', 'open'),
  change(1_200, 'open', 'halfOpen', 'openPeriodOver'),
  change(1_220, 'halfOpen', 'open', 'trialFailed'),
  change(2_300, 'open', 'halfOpen', 'openPeriodOver'),
  change(2_310, 'halfOpen', 'closed', 'trialsSucceeded'),
  change(4_012, 'closed', 'open', 'failureRate'),
  change(5_100, 'open', 'halfOpen', 'openPeriodOver'),
  change(5_140, 'halfOpen', 'closed', 'trialsSucceeded'),
];
const sick: readonly SampleCall[] = [
  [1_500, 100, 'model'],
  [4_500, 1, 'error'],
];
const spared: readonly SampleCall[] = [
  [1_010, 21, 'failed'],
  [1_500, 0.2, 'rejected'],
  [4_500, 0.2, 'rejected'],
];
const calm = healthy(6_000, 400);
const bare = sampleRun([...sick, ...calm], { faults, isProtected: false });
const guarded = sampleRun([...spared, ...calm], { faults, changes });

describe('the result', () => {
  test('has exactly the fields of the issue', () => {
    expect(resultOf(bare, guarded)).toEqual({
      trips: [
        { breaker: 'b', reason: 'consecutiveFailures', fault: 'latency', timeToTripMs: 30 },
        { breaker: 'b', reason: 'failureRate', fault: 'errors', timeToTripMs: 12 },
      ],
      calls: 403,
      fallbacks: 3,
      rejected: 2,
      lateDelivered: 0,
      recoveredMs: 140,
      withoutBreaker: { lateDelivered: 1, errors: 1, meanMs: 1.25, p99Ms: 1 },
      withBreaker: { lateDelivered: 0, errors: 0, meanMs: 1.05, p99Ms: 1 },
    });
  });

  test('without the protected run counts the other one', () => {
    expect(resultOf(bare, undefined)).toMatchObject({
      trips: [],
      calls: 402,
      fallbacks: 0,
      lateDelivered: 1,
      recoveredMs: null,
      withBreaker: null,
    });
  });

  test('what never arrived is late and an error', () => {
    const { withoutBreaker } = resultOf(sampleRun([[0, undefined, 'model'], ...calm]), undefined);
    expect(withoutBreaker).toMatchObject({ lateDelivered: 1, errors: 1 });
  });

  test('a trip that no fault explains has none, and one just after its end still has it', () => {
    const odd = sampleRun(calm, {
      faults,
      changes: [change(500, 'closed', 'open'), change(2_050, 'closed', 'open'), change(3_000, 'closed', 'open')],
    });
    expect(resultOf(bare, odd).trips.map(({ fault, timeToTripMs }) => [fault, timeToTripMs])).toEqual([
      [null, null],
      ['latency', 1_050],
      [null, null],
    ]);
  });

  test('a breaker that stays open has not recovered', () => {
    expect(resultOf(bare, sampleRun(calm, { faults, changes: changes.slice(0, -1) })).recoveredMs).toBeNull();
  });
});

describe('protected', () => {
  test('when nothing was late, every fault that hurt tripped, and the end is normal', () => {
    expect(shortcomings(bare, guarded)).toEqual([]);
  });

  test('exactly 25 ms is in time, and anything more is not', () => {
    expect(shortcomings(bare, sampleRun([...spared, [7_000, 25, 'model'], ...calm], { faults, changes }))).toEqual([]);
    for (const source of ['model', 'rejected', 'failed', 'error'] as const) {
      const late = sampleRun([...spared, [1_100, 25.01, source], ...calm], { faults, changes });
      expect(shortcomings(bare, late)).toEqual(['1 answer reached the bot late']);
    }
  });

  test('not without a trip for a fault that hurt', () => {
    const blind = sampleRun([...spared, ...calm], { faults, changes: changes.slice(0, 5) });
    expect(shortcomings(bare, blind)).toEqual(['no trip for "errors", which hurt the run without the breaker']);
  });

  test('a fault that hurt nobody needs no trip', () => {
    const unhurt = sampleRun([sick[0] as SampleCall, ...calm], { faults, isProtected: false });
    expect(shortcomings(unhurt, sampleRun([...spared, ...calm], { faults, changes: changes.slice(0, 5) }))).toEqual([]);
  });

  test('not when fallbacks go on to the end', () => {
    const standing = [...spared, ...calm.map(([askedMs]): SampleCall => [askedMs, 0.1, 'rejected'])];
    expect(shortcomings(bare, sampleRun(standing, { faults, changes }))).toEqual([
      expect.stringContaining('the model answered 0 of the last 166 calls in time'),
    ]);
  });

  test('not when the breaker is open at the end', () => {
    const open = [...changes, change(9_990, 'closed', 'open')];
    expect(shortcomings(bare, sampleRun([...spared, ...calm], { faults, changes: open }))).toEqual([
      'a breaker was open at the end',
    ]);
  });

  test('without faults: nothing late and a normal end', () => {
    expect(shortcomings(sampleRun(healthy(0, 1_000)), sampleRun(healthy(0, 1_000)))).toEqual([]);
    expect(shortcomings(sampleRun(healthy(0, 1_000)), sampleRun(healthy(0, 500)))).toHaveLength(1);
  });
});
