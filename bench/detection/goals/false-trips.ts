import type { BareBreakerOptions } from '../../../src/create-breaker.ts';
import { BareRun, type LatencyDraw, usualLatency } from './bare-run.ts';
import { withBlip } from './blip-option.ts';
import { FALSE_TRIP_EVERY, type Goal } from './goal.ts';

/** So much time between two calls, in milliseconds. */
const GAP_MS = 1;

interface Case {
  readonly what: string;
  readonly errors: number;
  readonly draw?: LatencyDraw;
}

/** Some requests take ten times as long as the others. */
const mixed =
  (share: number): LatencyDraw =>
  (random) =>
    (random() < share ? 10 : 1) * usualLatency(random);

/** The shares of errors that the issue names; then, with the usual share, latencies that are hard to tell from slow ones. */
const CASES: readonly Case[] = [
  ...[0.001, 0.005, 0.01, 0.03].map((errors) => ({ what: `${errors * 100} % errors`, errors })),
  { what: 'heavy tails (99 % at 16 times the median)', errors: 0.001, draw: (random) => usualLatency(random, 1.2) },
  ...[0.02, 0.1, 0.2, 0.3, 0.4].map((share) => ({
    what: `${share * 100} % of the requests take 10 times as long`,
    errors: 0.001,
    draw: mixed(share),
  })),
];

/** Healthy calls with a learned baseline, at each share of errors: how many lie between two false trips. */
export function falseTripGoals(options: BareBreakerOptions, calls: number, seed: number): Goal[] {
  const atMost = calls / FALSE_TRIP_EVERY;
  return [undefined, 0].flatMap((blip) =>
    CASES.map(({ what, errors, draw }) => {
      const run = new BareRun(blip === undefined ? options : withBlip(options, blip), seed, draw);
      while (run.calls < calls) {
        run.pass(GAP_MS);
        run.call(errors);
      }
      return {
        what: `false trips in ${calls / 1e6} million healthy calls, ${what}, ${blip === 0 ? 'no blip' : 'default blip'}`,
        figure: String(run.trips),
        wanted: `<= ${atMost}`,
        isMet: run.trips <= atMost,
      };
    }),
  );
}
