import { describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../src/index.ts';
import { isConfigError } from '../../src/index.ts';
import { backtest } from '../../src/recording/backtest.ts';
import type { BacktestLane } from '../../src/recording/backtest-result.ts';
import { CAUSES, KIND, WOULD_REFUSE } from '../../src/recording/format.ts';
import { BEGAN, type Beginning, type Line, writeRecording } from './helpers/write-recording.ts';

const MS = 1_000;
const UNAVAILABLE = 14;
const FIVE_IN_A_ROW: MethodPolicyOptions = { trip: { consecutiveFailures: 5 }, openFor: '1s', jitter: 0, trials: 1, rampUp: 0 };

/** What a policy does to calls. */
async function under(method: MethodPolicyOptions, lines: readonly Line[], beginning: Beginning = {}): Promise<BacktestLane> {
  const { lanes } = await backtest({ policy: { methods: [method] }, recordings: writeRecording(lines, beginning) });
  return lanes[1] as BacktestLane;
}

/** So many calls, one each 10 ms, that take 5 ms. */
function calls(count: number, fromMs: number, code: number, took = 5): number[][] {
  return Array.from({ length: count }, (_, n) => [
    0,
    (fromMs + 10 * n) * MS,
    took * MS,
    code,
    code === 0 ? KIND.success : KIND.failure,
  ]);
}

describe('another policy', () => {
  it('trips when its own conditions say so, refuses what it would, and each call stands in one column', async () => {
    // 20 good ones, 50 failed ones, then good ones.
    const lines = [...calls(20, 0, 0), ...calls(50, 200, UNAVAILABLE), ...calls(130, 700, 0)];
    const { total, trips, breakers } = await under(FIVE_IN_A_ROW, lines);
    // The fifth failure ends at 245 ms; open until 1,245: the first call from then on, at 1,250, is the trial, and ends at 1,255.
    expect(trips.map(({ at, reason, openForMs }) => [at - BEGAN, reason, openForMs])).toEqual([
      [245, 'consecutiveFailures', 1_000],
    ]);
    expect(total).toMatchObject({
      calls: 200,
      failed: 5,
      refusedBad: 45,
      refusedGood: 55,
      succeeded: 95,
      trips: 1,
      outages: 1,
      notClosed: 0,
    });
    expect(total.openMs).toBeCloseTo(1_005, 3);
    expect(breakers).toEqual([expect.objectContaining({ breaker: 'server/pkg.Service/Method', state: 'closed', trips: 1 })]);
  });

  it('counts calls by its own failure codes, except where a function or a message had decided', async () => {
    const notFound = 5;
    const decided = calls(5, 500, notFound).map((line) => line.with(4, KIND.otherSuccess));
    expect((await under({ ...FIVE_IN_A_ROW, failureCodes: ['NOT_FOUND'] }, [...calls(5, 0, notFound)])).total.trips).toBe(1);
    expect((await under({ ...FIVE_IN_A_ROW, failureCodes: ['NOT_FOUND'] }, decided)).total.trips).toBe(0);
    expect((await under(FIVE_IN_A_ROW, calls(5, 0, notFound))).total.trips).toBe(0);
  });

  it('ends calls by its own deadline where that is the earlier one', async () => {
    const slow = calls(20, 0, 0, 80);
    expect((await under({ ...FIVE_IN_A_ROW, deadline: '50ms' }, slow)).trips.map(({ at }) => at - BEGAN)).toEqual([90]);
    expect((await under({ ...FIVE_IN_A_ROW, deadline: '100ms' }, slow)).total).toMatchObject({ trips: 0, succeeded: 20 });
    // Refused ones, too: they would have failed.
    expect((await under({ ...FIVE_IN_A_ROW, deadline: '50ms' }, slow)).total).toMatchObject({
      refusedBad: 11,
      refusedGood: 0,
      failed: 9,
    });
    // Those that had an earlier one when they were recorded keep it.
    expect((await under({ ...FIVE_IN_A_ROW, deadline: '50ms' }, calls(20, 0, 4, 30), { deadline: 30 * MS })).total.failed).toBe(
      7,
    );
  });

  it('sees calls that hang while they are under way', async () => {
    const hung = Array.from({ length: 30 }, (_, n) => [0, n * 10 * MS, 900 * MS, 4, KIND.failure]);
    const policy = {
      ...FIVE_IN_A_ROW,
      trip: { slowCallRate: { slowerThan: '100ms', threshold: '50%', minCalls: 20, window: '10s' } },
    } as const;
    const { trips } = await under(policy, hung);
    // The twentieth began at 190 ms, is slow after 290, and is seen by the next tick.
    expect(trips[0]?.at).toBeGreaterThan(BEGAN + 290);
    expect(trips[0]?.at).toBeLessThanOrEqual(BEGAN + 300);
  });

  it('does not take the recorded process standing still for a slow server', async () => {
    // All ends come late, because nothing was read for 500 ms; the latencies are not known.
    const held = Array.from({ length: 30 }, (_, n) => [0, n * MS, (550 - n) * MS, 0, KIND.success, -1]);
    const policy = {
      ...FIVE_IN_A_ROW,
      trip: { slowCallRate: { slowerThan: '100ms', threshold: '50%', minCalls: 20, window: '10s' } },
    } as const;
    const lines = [...held, { t: 551 * MS, stall: 500 * MS }, ...calls(40, 600, 0)];
    expect((await under(policy, lines)).total.trips).toBe(0);
    expect((await under(policy, [...held.map((line) => line.slice(0, 5)), ...calls(40, 600, 0)])).total.trips).toBeGreaterThan(0);
  });

  it('leaves out of their age what the process stood still', async () => {
    const held = Array.from({ length: 30 }, (_, n) => [0, n * MS, 800 * MS, 0, KIND.success, -1]);
    const trip = { slowCallRate: { slowerThan: '400ms', threshold: '50%', minCalls: 20, window: '10s' } } as const;
    const stalled = [{ t: 551 * MS, stall: 500 * MS }, ...held, ...calls(40, 900, 0)];
    expect((await under({ ...FIVE_IN_A_ROW, trip }, stalled)).total.trips).toBe(0);
    expect((await under({ ...FIVE_IN_A_ROW, trip }, stalled.slice(1))).total.trips).toBe(1);
  });

  it('hears of long calls when they begin, not when they end', async () => {
    // Five that hang for a minute, and one policy that lets three go at a time.
    const starts = Array.from({ length: 5 }, (_, n) => [0, n * MS, -100, n + 1, 0, -1, -1]);
    const ends = starts.map(([, at = 0], n) => [0, at, 60_000 * MS, 14, KIND.failure, null, null, null, null, n + 1]);
    const { total } = await under({ ...FIVE_IN_A_ROW, maxConcurrent: 3 }, [...starts, ...calls(10, 2_000, 0), ...ends]);
    expect(total).toMatchObject({ calls: 15, failed: 3, refusedBad: 2, refusedGood: 10 });
  });

  it('counts what was cancelled after long enough, where it says so', async () => {
    const cancelled = calls(8, 0, 1, 400).map((line) => line.with(4, KIND.ignored + CAUSES.indexOf('cancelled')));
    expect((await under(FIVE_IN_A_ROW, cancelled)).total).toMatchObject({ ignored: 8, trips: 0 });
    expect((await under({ ...FIVE_IN_A_ROW, cancelledAfter: '300ms' }, cancelled)).total.trips).toBe(1);
  });
});

describe('streams', () => {
  const failures = calls(5, 0, UNAVAILABLE).map((line) => [...line, 5 * MS]);
  /** The call that is let through as a trial at 1.1 s, and stays open for a minute; its first message came after 20 ms. */
  const end = [0, 1_100 * MS, 60_000 * MS, 0, KIND.success, 20 * MS, null, null, null, 1];
  /** One each second, until the trial's lease has long ended. */
  const others = Array.from({ length: 40 }, (_, n) => [0, (1_200 + 1_000 * n) * MS, 5 * MS, 0, KIND.success, 5 * MS]);

  it.for([
    ['with their first message before they were written as under way', [[0, 1_100 * MS, -100, 1, 0, 20 * MS, -1]]],
    [
      'with it behind',
      [
        [0, 1_100 * MS, -100, 1, 0, -1, -1],
        [1, 1_120 * MS, -101, 20 * MS],
      ],
    ],
  ] as const)('that stay open are trials that succeed, %s', async ([, lines]) => {
    const { trips, total } = await under(FIVE_IN_A_ROW, [...failures, ...lines, ...others, end], { stream: true });
    expect(trips.map(({ at, reason }) => [at - BEGAN, reason])).toEqual([[45, 'consecutiveFailures']]);
    // The lease is 30 s: the first call after it finds that the trial has succeeded.
    expect(total).toMatchObject({ refusedGood: 30, notClosed: 0, halfOpenMs: expect.closeTo(30_100, 0) });
  });

  it('without a message have lost it', async () => {
    const { trips } = await under(FIVE_IN_A_ROW, [...failures, [0, 1_100 * MS, -100, 1, 0, -1, -1], ...others, end.with(5, -1)], {
      stream: true,
    });
    expect(trips.map(({ reason }) => reason)).toEqual(['consecutiveFailures', 'trialExpired']);
  });
});

describe('calls that were refused live', () => {
  const refused = Array.from({ length: 20 }, (_, n) => [0, (n + 1) * 10 * MS, -1]);

  it('are unknown: judged as if they had not been made where they pass, and counted apart', async () => {
    const { total } = await under(FIVE_IN_A_ROW, [...refused, ...calls(10, 300, 0)]);
    expect(total).toMatchObject({ calls: 30, passedUnknown: 20, refusedUnknown: 0, succeeded: 10, refusedGood: 0, trips: 0 });
  });

  it('are over at once where they pass, and take no place of others', async () => {
    const { total } = await under({ ...FIVE_IN_A_ROW, maxConcurrent: 3 }, [...refused, ...calls(10, 300, 0)]);
    expect(total).toMatchObject({ passedUnknown: 20, succeeded: 10, refusedGood: 0 });
  });

  it('are known where the policy only observed', async () => {
    const observed = calls(20, 0, 14).map((line) => line.with(4, KIND.failure + WOULD_REFUSE));
    const file = writeRecording([...observed, ...calls(3, 300, 0).map((line) => line.with(4, KIND.success + WOULD_REFUSE))]);
    const { lanes, notes } = await backtest({ policy: { methods: [FIVE_IN_A_ROW] }, recordings: file });
    expect(lanes[0]?.total).toMatchObject({ refusedBad: 20, refusedGood: 3, refusedUnknown: 0, failed: 0 });
    expect(lanes[1]?.total).toMatchObject({ failed: 5, refusedBad: 15, refusedGood: 3 });
    expect(notes.join()).toContain('recorded in mode observe');
  });
});

describe('what was done from outside', () => {
  const name = 'server/pkg.Service/Method';

  it('is done again: overrides, trips by hand and by signals, resets', async () => {
    const events: Line[] = [
      { t: 101 * MS, event: { type: 'override', breaker: name, override: 'forcedOpen', reason: 'drill' } },
      { t: 201 * MS, event: { type: 'override', breaker: name, override: null, reason: 'over' } },
    ];
    const lines = [...calls(10, 0, 0), events[0] as Line, ...calls(10, 105, 0), events[1] as Line, ...calls(20, 205, 0)];
    expect((await under(FIVE_IN_A_ROW, lines)).total).toMatchObject({ refusedGood: 10, succeeded: 30 });
    const verdict = { reason: 'signal', signal: 'queue', message: 'too long' };
    const signal = {
      t: 101 * MS,
      event: { type: 'transition', breaker: name, from: 'closed', to: 'open', verdict, openForMs: 300, mode: 'enforce' },
    };
    const { trips } = await under(FIVE_IN_A_ROW, [...calls(10, 0, 0), signal, ...calls(10, 101, 0)]);
    expect(trips.map(({ reason, text }) => [reason, text])).toEqual([['signal', 'signal queue: too long']]);
  });
});

describe('keys', () => {
  const lines = calls(10, 0, 0);
  const byModel: Beginning = { key: ['target', 'method', 'request.model_name'], breakerKey: 'server/pkg.Service/Method[iris]' };

  it.for([
    [['target', 'method', 'request.model_name'], 'server/pkg.Service/Method[iris]'],
    [['method', 'request.model_name'], 'pkg.Service/Method[iris]'],
    [['request.model_name'], '[iris]'],
    [['target', 'method'], 'server/pkg.Service/Method'],
    [['target'], 'server'],
  ] as const)('%s can be made of what is recorded', async ([key, name]) => {
    const { breakers } = await under({ ...FIVE_IN_A_ROW, key: [...key] }, lines, byModel);
    expect(breakers.map(({ breaker }) => breaker)).toEqual([name]);
  });

  it('that need the request cannot, and it is said why', async () => {
    await expect(under({ ...FIVE_IN_A_ROW, key: ['target', 'request.model_name'] }, lines)).rejects.toThrow(
      /methods\[0\].key: \[target, request.model_name\] needs request.model_name, which is not recorded .* their key was \[target, method\]/,
    );
    await expect(under({ ...FIVE_IN_A_ROW, key: () => 'x' }, lines)).rejects.toThrow(/is made by a function/);
  });
});

describe('recordings of several processes', () => {
  it('have breakers of their own, and one sum', async () => {
    const one = writeRecording([...calls(20, 0, 0), ...calls(4, 200, UNAVAILABLE)]);
    const other = writeRecording(calls(8, 0, UNAVAILABLE), { run: 'another', laterMs: 60_000 });
    const { lanes, recording } = await backtest({ policy: { methods: [FIVE_IN_A_ROW] }, recordings: [other, one] });
    const name = 'server/pkg.Service/Method';
    expect(recording).toMatchObject({ runs: 2, calls: 32, files: [one, other], from: BEGAN });
    expect(lanes[1]?.breakers.map(({ breaker, trips, state }) => [breaker, trips, state])).toEqual([
      [`${name} (process 2)`, 1, 'open'],
      [`${name} (process 1)`, 0, 'closed'],
    ]);
    expect(lanes[1]?.trips.map(({ at }) => at - BEGAN)).toEqual([60_045]);
    expect(lanes[1]?.total).toMatchObject({ calls: 32, failed: 9, refusedBad: 3, succeeded: 20 });
  });
});

describe('policies', () => {
  it('keep no more breakers than they may: one that makes room begins anew', async () => {
    const method = 'pkg.Service/Other';
    const other = {
      breaker: 1,
      name: `server/${method}`,
      target: 'server',
      method,
      key: `server/${method}`,
      policy: 0,
      deadline: null,
    };
    const others = calls(3, 100, 0).map((line) => line.with(0, 1));
    const recordings = writeRecording([...calls(4, 0, UNAVAILABLE), other, ...others, ...calls(4, 200, UNAVAILABLE)]);
    const trips = async (maxBreakers: number) => {
      const { lanes } = await backtest({ policy: { maxBreakers, methods: [FIVE_IN_A_ROW] }, recordings });
      return lanes[1]?.total.trips;
    };
    expect(await trips(10)).toBe(1);
    expect(await trips(1)).toBe(0);
  });

  it('that are wrong are refused with their problems, and methods without one pass', async () => {
    const recordings = writeRecording(calls(10, 0, UNAVAILABLE));
    const wrong = await backtest({ policy: { methods: [{ openFor: 'soon' as never }] }, recordings }).catch(
      (error: unknown) => error,
    );
    expect(isConfigError(wrong)).toBe(true);
    const others = { methods: [{ ...FIVE_IN_A_ROW, name: [{ service: 'other.Service' }] }] };
    const { lanes, notes } = await backtest({ policy: others, recordings });
    expect(lanes[1]?.total).toMatchObject({ unprotected: 10, failed: 10, trips: 0 });
    expect(notes.join()).toContain('no policy is for 10 calls');
  });

  it('stand side by side, and observing ones are judged as if they were enforced', async () => {
    const recordings = writeRecording([...calls(20, 0, 0), ...calls(20, 200, UNAVAILABLE)]);
    const policy = { methods: [{ ...FIVE_IN_A_ROW, mode: 'observe' as const }] };
    const against = { methods: [{ ...FIVE_IN_A_ROW, trip: { consecutiveFailures: 9 } }] };
    const { lanes } = await backtest({ policy, against, recordings });
    expect(lanes.map(({ name, title, total }) => [name, title, total.failed, total.refusedBad])).toEqual([
      ['live', 'as it happened', 20, 0],
      ['policy', 'policy', 5, 15],
      ['against', 'policy (against)', 9, 11],
    ]);
  });

  it('with jitter give the same result for the same seed, and others for others', async () => {
    const recordings = writeRecording([...calls(20, 0, 0), ...calls(400, 200, UNAVAILABLE)]);
    const policy = { methods: [{ ...FIVE_IN_A_ROW, jitter: '50%' as const }] };
    const results = await Promise.all([1, 1, 2].map((seed) => backtest({ policy, recordings, seed })));
    expect(results[0]).toEqual(results[1]);
    expect(results[0]?.lanes[1]?.trips).not.toEqual(results[2]?.lanes[1]?.trips);
    expect(JSON.parse(JSON.stringify(results[0]))).toEqual(results[0]);
    // One outage, however often its trials fail.
    expect(results[0]?.lanes[1]?.total).toMatchObject({ outages: 1, trips: expect.toSatisfy((trips: number) => trips > 1) });
  });
});
