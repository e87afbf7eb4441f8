import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { BareRun } from './bare-run.ts';
import { withBlip } from './blip-option.ts';
import { FALSE_TRIP_EVERY, type Goal } from './goal.ts';
import { bestDelay, bestLatencyDelay } from './hindsight.ts';

const HEALTHY = 0.001;
const LEARNED_CALLS = 20_000;
const GIVE_UP = 100_000;
const NO_WORSE = 1.3;

interface Case {
  readonly what: string;
  readonly errors: number;
  readonly slowdown: number;
  readonly within: number;
  readonly best: () => number;
}

const errorCase = (share: number, within: number): Case => ({
  what: `${share * 100} % errors`,
  errors: share,
  slowdown: 1,
  within,
  best: () => bestDelay(HEALTHY, share, FALSE_TRIP_EVERY),
});

const CASES: readonly Case[] = [
  errorCase(0.3, 25),
  errorCase(0.5, 14),
  errorCase(1, 8),
  { what: 'latency x4', errors: HEALTHY, slowdown: 4, within: 30, best: () => bestLatencyDelay(4, FALSE_TRIP_EVERY) },
];

/** Calls from a change to the trip without `blip`: the mean, beside the limit and beside the best plain CUSUM for each case. */
export function delayGoals(options: BareBreakerOptions, runs: number, seed: number): Goal[] {
  return CASES.flatMap(({ what, errors, slowdown, within, best }) => {
    const delays = Array.from({ length: runs }, (_, k) => delayOf(withBlip(options, 0), errors, slowdown, seed + k));
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / runs;
    const error = Math.sqrt(delays.reduce((sum, delay) => sum + (delay - mean) ** 2, 0)) / runs;
    const figure = `${mean.toFixed(1)} ± ${(2 * error).toFixed(1)}`;
    const ideal = best();
    const limit = Math.max(NO_WORSE * ideal, ideal + 1);
    return [
      { what: `calls until ${what} are seen, no blip`, figure, wanted: `<= ${within}`, isMet: mean <= within },
      {
        what: `calls until ${what} are seen, beside the best CUSUM with hindsight (${ideal.toFixed(1)})`,
        figure,
        wanted: `<= ${limit.toFixed(1)}`,
        isMet: mean <= limit,
      },
    ];
  });
}

function delayOf(options: BareBreakerOptions, errors: number, slowdown: number, seed: number): number {
  const run = new BareRun(options, seed);
  while (run.calls < LEARNED_CALLS) {
    run.pass(1);
    run.call(HEALTHY);
  }
  // A false trip just before the change is none of this measure's business.
  if (run.breaker.state !== 'closed') return delayOf(options, errors, slowdown, seed + 1_000_003);
  const before = run.calls;
  const { trips } = run;
  while (run.trips === trips && run.calls - before < GIVE_UP) {
    run.pass(1);
    run.call(errors, slowdown);
  }
  return run.calls - before;
}
