import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { BareRun } from './bare-run.ts';
import { withBlip } from './blip-option.ts';
import { FALSE_TRIP_EVERY, type Goal } from './goal.ts';

const SHARES = [0.001, 0.005, 0.01, 0.03] as const;

/** So much time between two calls, in milliseconds. */
const GAP_MS = 1;

/** Healthy calls with a learned baseline, at each share of errors: how many lie between two false trips. */
export function falseTripGoals(options: BareBreakerOptions, calls: number, seed: number): Goal[] {
  return [undefined, 0].flatMap((blip) =>
    SHARES.map((share) => {
      const run = new BareRun(blip === undefined ? options : withBlip(options, blip), seed);
      while (run.calls < calls) {
        run.pass(GAP_MS);
        run.call(share);
      }
      return {
        what: `false trips in ${calls / 1e6} million healthy calls, ${share * 100} % errors, ${blip === 0 ? 'no blip' : 'default blip'}`,
        figure: String(run.trips),
        wanted: `<= ${calls / FALSE_TRIP_EVERY}`,
        isMet: run.trips <= calls / FALSE_TRIP_EVERY,
      };
    }),
  );
}
