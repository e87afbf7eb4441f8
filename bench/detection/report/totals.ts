import type { Summary } from './summary.ts';

/** Ours beside one other, over all scenarios. */
export interface Comparison {
  readonly contender: string;
  /** Harmful calls let through and calls refused while the server was healthy, summed over the scenarios (means per run). */
  readonly harm: number;
  readonly oursHarm: number;
  /** `harm / oursHarm`. */
  readonly factor: number;
  readonly scenarios: number;
  /** Scenarios in which ours is lower. */
  readonly lower: number;
  /** Scenarios in which both cost the same: there was nothing to prevent, or no one could. */
  readonly equal: readonly string[];
  /** Scenarios in which ours is higher. */
  readonly higher: readonly { readonly scenario: string; readonly ours: number; readonly theirs: number }[];
  /** Scenarios in which ours has more false trips. */
  readonly moreFalseTrips: readonly string[];
}

/** What a breaker costs: harmful calls let through, and calls refused while the server was healthy. */
export function harmOf({ harmful, refusedHealthy }: Summary): number {
  return harmful + refusedHealthy;
}

/** Ours beside each other contender. */
export function compare(summaries: readonly Summary[], ours: string): Comparison[] {
  const others = [...new Set(summaries.map(({ contender }) => contender))].filter((name) => !name.startsWith(ours));
  const own = new Map(summaries.filter(({ contender }) => contender === ours).map((row) => [row.scenario, row]));
  return others.map((contender) => {
    const theirs = summaries.filter((row) => row.contender === contender && own.has(row.scenario));
    const pairs = theirs.map((row) => ({ row, mine: own.get(row.scenario) as Summary }));
    const harm = sum(pairs, ({ row }) => harmOf(row));
    const oursHarm = sum(pairs, ({ mine }) => harmOf(mine));
    return {
      contender,
      harm,
      oursHarm,
      factor: harm / oursHarm,
      scenarios: pairs.length,
      lower: pairs.filter(({ row, mine }) => harmOf(mine) < harmOf(row)).length,
      equal: pairs.filter(({ row, mine }) => harmOf(mine) === harmOf(row)).map(({ row }) => row.scenario),
      higher: pairs
        .filter(({ row, mine }) => harmOf(mine) > harmOf(row))
        .map(({ row, mine }) => ({ scenario: row.scenario, ours: harmOf(mine), theirs: harmOf(row) })),
      moreFalseTrips: pairs.filter(({ row, mine }) => mine.falseTrips > row.falseTrips).map(({ row }) => row.scenario),
    };
  });
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
}
