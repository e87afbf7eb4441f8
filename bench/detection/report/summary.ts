import type { Result } from '../run.ts';
import type { Measures } from '../sim/measure.ts';

/** A contender in a scenario, over all seeds: counts are means per run. */
export interface Summary {
  readonly scenario: string;
  readonly contender: string;
  readonly runs: number;
  readonly callsToTrip: Spread;
  readonly msToTrip: Spread;
  readonly harmful: number;
  readonly goodLost: number;
  readonly refusedHealthy: number;
  readonly falseTrips: number;
  /** False trips per million healthy calls. */
  readonly falsePerMillion: number;
  readonly msToFullTraffic: Spread;
  /** The highest of all runs. */
  readonly peakLoad: number;
}

/** Over all faults of all runs; null without any, or where it never happened (Infinity is not known to JSON). */
export interface Spread {
  readonly median: number | null;
  readonly p95: number | null;
}

/** Sums the runs of a contender in a scenario up. */
export function summarize({ scenario, contender, runs }: Result): Summary {
  const mean = (of: (run: Measures) => number): number => total(runs, of) / runs.length;
  const healthyCalls = total(runs, (run) => run.healthyCalls);
  return {
    scenario,
    contender,
    runs: runs.length,
    callsToTrip: spread(runs.flatMap((run) => run.callsToTrip)),
    msToTrip: spread(runs.flatMap((run) => run.msToTrip)),
    harmful: mean((run) => run.harmful),
    goodLost: mean((run) => run.goodLost),
    refusedHealthy: mean((run) => run.refusedHealthy),
    falseTrips: mean((run) => run.falseTrips),
    falsePerMillion: healthyCalls === 0 ? 0 : (total(runs, (run) => run.falseTrips) / healthyCalls) * 1e6,
    msToFullTraffic: spread(runs.flatMap((run) => run.msToFullTraffic)),
    peakLoad: Math.max(...runs.map((run) => run.peakLoad)),
  };
}

function total(runs: readonly Measures[], of: (run: Measures) => number): number {
  let sum = 0;
  for (const run of runs) sum += of(run);
  return sum;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | null => {
    const value = sorted[Math.ceil(share * sorted.length) - 1];
    return value === undefined || value === Infinity ? null : value;
  };
  return { median: at(0.5), p95: at(0.95) };
}
