import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { burstGoals, laterGoals, pauseGoals } from './blip.ts';
import { delayGoals } from './delay.ts';
import { falseTripGoals } from './false-trips.ts';
import type { Goal } from './goal.ts';

/** How much of it is done. */
export interface Effort {
  readonly healthyCalls: number;
  readonly delays: number;
  readonly faults: number;
  readonly bursts: number;
}

/** As the issue asks. */
export const FULL: Effort = { healthyCalls: 20_000_000, delays: 3_000, faults: 50, bursts: 10_000 };

/** To see that everything runs. */
export const QUICK: Effort = { healthyCalls: 1_000_000, delays: 50, faults: 5, bursts: 1_000 };

/** The goals that need this package alone: false trips, delays, bursts. */
export async function coreGoals(
  options: BareBreakerOptions,
  effort: Effort,
  seed: number,
  onProgress: (what: string) => void,
): Promise<Goal[]> {
  onProgress('false trips');
  const goals = falseTripGoals(options, effort.healthyCalls, seed);
  onProgress('delays');
  goals.push(...delayGoals(options, effort.delays, seed));
  onProgress('delays with blip');
  goals.push(...(await laterGoals(options, effort.faults, seed)));
  onProgress('bursts');
  goals.push(...burstGoals(options, effort.bursts, seed));
  onProgress('pauses');
  goals.push(...(await pauseGoals(options, effort.bursts, seed)));
  return goals;
}
