import { describe, expect, it } from 'vitest';
import { cockatielConsecutive, cockatielSampling } from '../../bench/detection/contenders/cockatiel.ts';
import type { ContenderKind } from '../../bench/detection/contenders/contender.ts';
import { hystrix } from '../../bench/detection/contenders/hystrix.ts';
import { OTHERS } from '../../bench/detection/contenders/index.ts';
import { noBreaker } from '../../bench/detection/contenders/no-breaker.ts';
import { opossumDefaults, opossumQuick } from '../../bench/detection/contenders/opossum.ts';
import { ours } from '../../bench/detection/contenders/ours.ts';
import { polly } from '../../bench/detection/contenders/polly.ts';
import { resilience4j } from '../../bench/detection/contenders/resilience4j.ts';
import { outage } from '../../bench/detection/scenarios/build.ts';
import { SCENARIOS } from '../../bench/detection/scenarios/index.ts';
import { DEADLINE_MS, type Scenario } from '../../bench/detection/scenarios/scenario.ts';
import { measure } from '../../bench/detection/sim/measure.ts';
import { FATE, type RunLog, simulate } from '../../bench/detection/sim/simulate.ts';
import { createWorkload } from '../../bench/detection/sim/workload.ts';

const OURS = ours('grpc-breaker');
const setting = { name: 'test', title: '', rate: 200, warmUpMs: 5_000, faultMs: 20_000, stretch: 0 } as const;
const dead = outage({ ...setting, sick: { errorShare: 1, slowdown: 1 } });
const flaky = outage({ ...setting, sick: { errorShare: 0.6, slowdown: 2 } });

const run = (scenario: Scenario, kind: ContenderKind, seed = 1): Promise<RunLog> =>
  simulate(scenario, createWorkload(scenario, seed), kind);

const isRefused = (fate: number): boolean => fate === FATE.refusedGood || fate === FATE.refusedBad;

describe('the simulation', () => {
  it.for([OURS, opossumQuick, cockatielSampling])(
    'gives the same run for the same seed, and another for another: $name',
    async (kind) => {
      const first = await run(flaky, kind);
      expect(await run(flaky, kind)).toEqual(first);
      expect((await run(flaky, kind, 2)).fates).not.toEqual(first.fates);
    },
  );

  it('lets everything through without a breaker', async () => {
    const workload = createWorkload(dead, 1);
    const log = await simulate(dead, workload, noBreaker);
    const { harmful, goodLost, refusedHealthy, callsToTrip } = measure(dead, workload, log);
    const inFault = workload.arrivals.filter((at) => at >= 5_000 && at < 25_000).length;
    expect({ harmful, goodLost, refusedHealthy, callsToTrip }).toEqual({
      harmful: inFault,
      goodLost: 0,
      refusedHealthy: 0,
      callsToTrip: [Infinity],
    });
  });

  it.for([OURS, opossumQuick, hystrix, polly])('has the same calls and the same server for all: $name', async (kind) => {
    const without = await run(flaky, noBreaker);
    const { fates } = await run(flaky, kind);
    expect(fates.some(isRefused)).toBe(true);
    for (const [i, fate] of fates.entries()) {
      const bad = without.fates[i] !== FATE.good;
      // What passes fares as it would without a breaker; of what is refused, that is known, too.
      expect(fate).toBe(isRefused(fate) ? (bad ? FATE.refusedBad : FATE.refusedGood) : without.fates[i]);
    }
  });

  it('leaves real time as it was', async () => {
    const { setTimeout: before } = globalThis;
    const nowBefore = Date.now;
    await run(dead, opossumDefaults);
    expect(globalThis.setTimeout).toBe(before);
    expect(Date.now).toBe(nowBefore);
    expect(Object.hasOwn(performance, 'now')).toBe(false);
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
  });
});

describe('the contenders', () => {
  it.for([
    { kind: opossumDefaults, openMs: 30_000, atLeastCalls: 500 },
    { kind: opossumQuick, openMs: 5_000, atLeastCalls: 400 },
    { kind: cockatielSampling, openMs: 5_000, atLeastCalls: 300 },
    { kind: cockatielConsecutive, openMs: 5_000, atLeastCalls: 5 },
    { kind: hystrix, openMs: 5_000, atLeastCalls: 900 },
    { kind: resilience4j, openMs: 60_000, atLeastCalls: 50 },
    { kind: polly, openMs: 5_000, atLeastCalls: 100 },
  ])('trip and try again by their own rules: $kind.name', async ({ kind, openMs, atLeastCalls }) => {
    const workload = createWorkload(dead, 1);
    const log = await simulate(dead, workload, kind);
    const { callsToTrip, falseTrips, harmful } = measure(dead, workload, log);
    const tripMs = log.trips[0] as number;
    expect(callsToTrip[0]).toBeGreaterThanOrEqual(atLeastCalls);
    expect(callsToTrip[0]).toBeLessThan(2 * atLeastCalls + 50);
    const firstTrialMs = log.begun.find((at) => at > tripMs + 1) as number;
    expect(firstTrialMs - tripMs).toBeGreaterThanOrEqual(openMs - 1);
    expect(firstTrialMs - tripMs).toBeLessThan(openMs + 100);
    // It has closed at the end.
    expect(log.fates.slice(-100).some(isRefused)).toBe(false);
    expect(falseTrips).toBe(0);
    expect(harmful).toBeLessThan(3_500);
  });

  it.for([
    { kind: hystrix, calls: 999 },
    { kind: polly, calls: 550 },
    { kind: resilience4j, calls: 50 },
    { kind: cockatielConsecutive, calls: 5 },
  ])('are as late as others have found them, where all calls fail at 200 calls/s: $kind.name', async ({ kind, calls }) => {
    const steady = outage({ ...setting, warmUpMs: 40_000, sick: { errorShare: 1, slowdown: 1 } });
    let sum = 0;
    for (const seed of [1, 2, 3, 4]) {
      const workload = createWorkload(steady, seed);
      sum += measure(steady, workload, await simulate(steady, workload, kind)).callsToTrip[0] ?? Infinity;
    }
    // Calls under way when it trips have come, too: those of the usual latency.
    expect(Math.abs(sum / 4 - calls)).toBeLessThan(0.1 * calls + 3);
  });

  it('of ours sees a server that hangs before the first deadline passes', async () => {
    const hang = outage({ ...setting, warmUpMs: 15_000, sick: { errorShare: 1, slowdown: 1, hangs: true } });
    const workload = createWorkload(hang, 1);
    const { msToTrip } = measure(hang, workload, await simulate(hang, workload, OURS));
    expect(msToTrip[0]).toBeLessThan(DEADLINE_MS);
  });

  it('of ours takes options over the defaults of a policy', async () => {
    const log = await run(dead, ours('slow to try', { openFor: '40s', jitter: 0, rampUp: 0 }));
    const tripMs = log.trips[0] as number;
    expect((log.begun.find((at) => at > tripMs) as number) - tripMs).toBeGreaterThanOrEqual(40_000);
  });
});

describe('the scenarios', () => {
  it('have names of their own, and hold faults, blips and recoveries in order', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    for (const { faults, blips, recovering, lengthMs } of SCENARIOS) {
      const spans = [...faults, ...blips, ...recovering].toSorted((a, b) => a.fromMs - b.fromMs);
      for (const [i, { fromMs, toMs }] of spans.entries()) {
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs).toBeLessThanOrEqual(spans[i + 1]?.fromMs ?? lengthMs);
      }
    }
  });

  it('give as many calls as their rate says', () => {
    for (const scenario of SCENARIOS.filter(({ name }) => ['day', 'errors-30-at-200'].includes(name))) {
      const { calls } = createWorkload(scenario, 1);
      expect(calls / ((scenario.lengthMs / 1_000) * 200)).toBeCloseTo(1, 1);
    }
  });

  it('have others to be compared with, each named once', () => {
    expect(new Set(OTHERS.map(({ name }) => name)).size).toBe(8);
  });
});
