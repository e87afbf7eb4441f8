import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { ours } from '../contenders/ours.ts';
import { healthy, plain } from '../scenarios/build.ts';
import type { Condition, Scenario } from '../scenarios/scenario.ts';
import { spread } from '../scenarios/short-trouble.ts';
import { measure } from '../sim/measure.ts';
import { simulate } from '../sim/simulate.ts';
import { createWorkload } from '../sim/workload.ts';
import { BareRun } from './bare-run.ts';
import { withBlip } from './blip-option.ts';
import { BLIP_MS, type Goal } from './goal.ts';

const RATES = [200, 1_000] as const;
const LENGTHS = [0.2, 0.5, 0.9].map((share) => share * BLIP_MS);
const LATER = 2.5 * BLIP_MS;
const TRIPS_PER_BURST = 1 / 1_000;
const EVERY_MS = 1_000;
const WARM_UP_MS = 20_000;
const FAULT_MS = 5_000;

const FAULTS: readonly (readonly [string, Condition])[] = [
  ['30 % errors', { errorShare: 0.3, slowdown: 1 }],
  ['50 % errors', { errorShare: 0.5, slowdown: 1 }],
  ['100 % errors', { errorShare: 1, slowdown: 1 }],
  ['latency x4', { errorShare: 0.001, slowdown: 4 }],
  ['no answers at all', { errorShare: 1, slowdown: 1, hangs: true }],
];

/** How much later than without `blip` a fault is seen with the default one, in milliseconds. */
export async function laterGoals(options: BareBreakerOptions, runs: number, seed: number): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const rate of RATES) {
    for (const [what, sick] of FAULTS) {
      const scenario = faultScenario(rate, sick);
      const withIt = await meanDelay(scenario, options, runs, seed);
      const without = await meanDelay(scenario, withBlip(options, 0), runs, seed);
      goals.push({
        what: `later by blip: ${what}, ${rate} calls/s (${without.toFixed(0)} ms without, ${withIt.toFixed(0)} ms with)`,
        figure: `${(withIt - without).toFixed(0)} ms`,
        wanted: `<= ${LATER} ms`,
        isMet: withIt - without <= LATER,
      });
    }
  }
  return goals;
}

function faultScenario(rate: number, sick: Condition): Scenario {
  const well = healthy();
  const toMs = WARM_UP_MS + FAULT_MS;
  return {
    ...plain(`later-${rate}`, '', rate, toMs),
    faults: [{ fromMs: WARM_UP_MS, toMs }],
    condition: (nowMs) => (nowMs < WARM_UP_MS ? well : sick),
  };
}

async function meanDelay(scenario: Scenario, options: BareBreakerOptions, runs: number, seed: number): Promise<number> {
  let sum = 0;
  for (let k = 0; k < runs; k++) {
    const workload = createWorkload(scenario, seed + k);
    const log = await simulate(scenario, workload, ours('', options));
    sum += Math.min(FAULT_MS, measure(scenario, workload, log).msToTrip[0] ?? FAULT_MS);
  }
  return sum / runs;
}

/** Trips at bursts in which all calls fail, a second apart. */
export function burstGoals(options: BareBreakerOptions, bursts: number, seed: number): Goal[] {
  return RATES.flatMap((rate) =>
    [0.001, 0.01].flatMap((share) =>
      LENGTHS.map((lengthMs) => {
        const run = new BareRun(options, seed);
        const endMs = WARM_UP_MS + bursts * EVERY_MS;
        while (run.nowMs < endMs) {
          run.pass((-Math.log(1 - run.random()) / rate) * 1_000);
          const isBurst = run.nowMs > WARM_UP_MS && run.nowMs % EVERY_MS < lengthMs;
          run.call(isBurst ? 1 : share);
        }
        return burstGoal(`failures, ${lengthMs} ms, ${rate} calls/s, ${share * 100} % healthy errors`, run.trips, bursts);
      }),
    ),
  );
}

/** Trips at pauses of the server, a second apart: calls under way are looked at as the interceptor does. */
export async function pauseGoals(options: BareBreakerOptions, bursts: number, seed: number): Promise<Goal[]> {
  const goals: Goal[] = [];
  const perRun = Math.min(1_000, bursts);
  for (const rate of RATES) {
    for (const lengthMs of LENGTHS) {
      const runMs = 10_000 + (perRun + 1) * EVERY_MS;
      const scenario: Scenario = {
        ...plain(`pauses-${rate}-${lengthMs}`, '', rate, runMs),
        ...spread(runMs, EVERY_MS, [lengthMs], undefined),
      };
      let trips = 0;
      for (let k = 0; k < bursts / perRun; k++) {
        const { trips: all } = await simulate(scenario, createWorkload(scenario, seed + k), ours('', options));
        trips += all.length;
      }
      goals.push(burstGoal(`server pauses, ${lengthMs} ms, ${rate} calls/s`, trips, bursts));
    }
  }
  return goals;
}

function burstGoal(what: string, trips: number, bursts: number): Goal {
  return {
    what: `trips at ${bursts.toLocaleString('en-US')} bursts of ${what}`,
    figure: String(trips),
    wanted: `<= ${bursts * TRIPS_PER_BURST}`,
    isMet: trips <= bursts * TRIPS_PER_BURST,
  };
}
