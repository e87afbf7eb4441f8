import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/index.ts';
import { backtest } from '../../src/recording/backtest.ts';
import { seededRandom } from '../../src/recording/random.ts';
import { recordCalls } from '../../src/recording/record-calls.ts';
import { BEGAN, type LiveCall, playLive } from './helpers/live-run.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

/** Ten minutes of calls, 50 a second, with outages of several kinds. */
function traffic(seed: number): LiveCall[] {
  const random = seededRandom(seed);
  const calls: LiveCall[] = [];
  for (let atMs = 10; atMs < 240_000; atMs += 40 * random()) {
    const minute = Math.floor(atMs / 30_000) % 4;
    const isSick = atMs % 30_000 > 20_000;
    const target = random() < 0.3 ? 'other' : 'server';
    const usual = 5 + 20 * random();
    const call = { atMs, target, tookMs: usual };
    if (!isSick || target === 'other') calls.push(random() < 0.01 ? { ...call, code: 14 } : call);
    else if (minute === 0) calls.push({ ...call, code: random() < 0.8 ? 13 : 0 });
    else if (minute === 1) calls.push({ ...call, tookMs: 8 * usual });
    else if (minute === 2) calls.push({ ...call, tookMs: 5_000 });
    else calls.push(random() < 0.5 ? { ...call, cause: 'cancelled', code: 1 } : { ...call, code: 14 });
  }
  return calls;
}

const POLICIES: Record<string, Policy> = {
  'failure rate and slow calls': {
    methods: [
      {
        deadline: '2s',
        trip: { failureRate: { window: '5s' }, slowCallRate: { slowerThan: '50ms', window: '5s' } },
        openFor: '1s',
      },
    ],
  },
  'adaptive, with jitter and a ramp': { methods: [{ deadline: '2s', openFor: '500ms', jitter: '50%' }] },
  'failures in a row, and a bound': {
    methods: [{ deadline: '2s', trip: { consecutiveFailures: 8 }, maxConcurrent: 40, openFor: '700ms' }],
  },
  'the latency SLO, observing': {
    methods: [{ mode: 'observe', trip: { latencySlo: { percentile: 0.95, limit: '60ms', window: '10s' } } }],
  },
};

describe('a backtest of the policy that held live', () => {
  it.for(Object.entries(POLICIES))('does what was done live: %s', async ([, policy]) => {
    const file = join(temporaryFolder(), 'calls.jsonl');
    const recorder = recordCalls(file);
    const live = playLive(policy, traffic(3), recorder);
    await recorder.close();
    const result = await backtest({ policy, against: policy, recordings: file, seed: 99 });
    const [happened, replayed, again] = result.lanes;
    expect(again?.trips).toEqual(replayed?.trips);
    const opened = live.transitions.filter(({ to }) => to === 'open');

    expect(opened.length).toBeGreaterThan(3);
    expect(happened?.trips.map(({ breaker, reason, from }) => [breaker, reason, from])).toEqual(
      opened.map(({ breaker, verdict, from }) => [breaker, verdict.reason, from]),
    );
    expect(replayed?.trips).toEqual(
      happened?.trips.map((trip) => ({
        ...trip,
        at: expect.closeTo(trip.at, 1),
        text: expect.any(String),
        openForMs: expect.closeTo(trip.openForMs ?? 0, 1),
      })),
    );
    expect(replayed?.total).toMatchObject({
      passedUnknown: 0,
      refusedUnknown: happened?.total.refusedUnknown,
      failed: happened?.total.failed,
    });
    expect(happened?.total.calls).toBe(live.passed + live.refused);
    expect(result.recording).toMatchObject({ badLines: 0, dropped: 0, withoutStart: 0, from: BEGAN });
  });

  it('sheds what was shed live', async () => {
    const policy: Policy = { methods: [{ deadline: '2s', shed: { k: 1.1, window: '5s' } }] };
    const file = join(temporaryFolder(), 'calls.jsonl');
    const recorder = recordCalls(file);
    const live = playLive(policy, traffic(4), recorder);
    await recorder.close();
    const { lanes } = await backtest({ policy, recordings: file });
    expect(live.refused).toBeGreaterThan(50);
    expect(lanes[1]?.total).toMatchObject({ refusedUnknown: live.refused, passedUnknown: 0, refusedGood: 0, refusedBad: 0 });
  });

  it('looks at calls under way when that was done live, on a machine whose ticks come late', async () => {
    const trip = { slowCallRate: { slowerThan: '50ms', threshold: '30%', window: '2s', minCalls: 10 } } as const;
    const policy: Policy = { methods: [{ deadline: '2s', trip, openFor: '300ms' }] };
    const file = join(temporaryFolder(), 'calls.jsonl');
    const recorder = recordCalls(file);
    const random = seededRandom(5);
    const live = playLive(policy, traffic(6), recorder, 7, () => (random() < 0.5 ? 0 : 25 * random()));
    await recorder.close();
    const { lanes } = await backtest({ policy, recordings: file });
    const offMs = lanes[0]?.trips.map(({ at }, n) => Math.abs(at - (lanes[1]?.trips[n]?.at ?? 0))) ?? [];
    expect(offMs.length).toBeGreaterThan(10);
    expect(lanes[1]?.total.trips).toBe(live.transitions.filter(({ to }) => to === 'open').length);
    expect(Math.max(...offMs)).toBeLessThanOrEqual(10);
  });
});
