import type { Goal } from '../goals/goal.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Summary } from './summary.ts';
import { aligned, cells, count, TITLES } from './table.ts';
import type { Comparison } from './totals.ts';

/** Everything that a run has to say. */
export interface Report {
  readonly seeds: readonly number[];
  readonly options: unknown;
  readonly results: readonly Summary[];
  readonly comparisons: readonly Comparison[];
  readonly goals: readonly Goal[];
}

/** A run for people. */
export function describe({ seeds, results, comparisons, goals }: Report, scenarios: readonly Scenario[]): string {
  const parts: string[] = [`Seeds ${seeds.join(', ')}. Counts are means per run; times are medians (95th percentile).`];
  for (const scenario of scenarios) {
    const rows = results.filter((row) => row.scenario === scenario.name);
    if (rows.length === 0) continue;
    const [, ...titles] = TITLES;
    parts.push(`${scenario.name}: ${scenario.title}\n${aligned([['', ...titles], ...rows.map((row) => cells(row, scenario))])}`);
  }
  if (comparisons.length > 0) parts.push(aligned(comparisonRows(comparisons)));
  for (const { contender, notLower } of comparisons) {
    if (notLower.length === 0) continue;
    const list = notLower.map(({ scenario, ours, theirs }) => `${scenario} (${count(ours)} : ${count(theirs)})`);
    parts.push(`Not lower than ${contender}: ${list.join(', ')}`);
  }
  if (goals.length > 0) {
    parts.push(
      aligned(goals.map(({ what, isMet, figure, wanted }) => [what, figure, `goal ${wanted}`, isMet ? 'met' : 'MISSED'])),
    );
    parts.push(`${goals.filter(({ isMet }) => isMet).length} of ${goals.length} goals met`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** The rows of the comparison with each other contender. */
export function comparisonRows(comparisons: readonly Comparison[]): string[][] {
  const titles = ['', 'harmful + refused healthy', 'ours', 'factor', 'ours lower in', 'ours has more false trips in'];
  return [
    titles,
    ...comparisons.map(({ contender, harm, oursHarm, factor, scenarios, notLower, moreFalseTrips }) => [
      contender,
      count(harm),
      count(oursHarm),
      factor.toFixed(2),
      `${scenarios - notLower.length} of ${scenarios}`,
      moreFalseTrips.length === 0 ? 'none' : moreFalseTrips.join(', '),
    ]),
  ];
}
