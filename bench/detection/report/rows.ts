import type { Goal } from '../goals/goal.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Summary } from './summary.ts';
import { cells, count, TITLES } from './table.ts';
import type { Comparison } from './totals.ts';

/** The rows of one scenario, titles first. */
export function scenarioRows(results: readonly Summary[], scenario: Scenario): string[][] {
  const rows = results.filter((row) => row.scenario === scenario.name);
  return rows.length === 0 ? [] : [[...TITLES], ...rows.map((row) => cells(row, scenario))];
}

/** The rows of the comparison with each other contender, titles first. */
export function comparisonRows(comparisons: readonly Comparison[]): string[][] {
  const titles = [
    '',
    'harmful + refused healthy',
    'ours',
    'factor',
    'ours lower',
    'equal',
    'ours higher',
    'ours has more false trips in',
  ];
  return [
    titles,
    ...comparisons.map(({ contender, harm, oursHarm, factor, lower, equal, higher, moreFalseTrips }) => [
      contender,
      count(harm),
      count(oursHarm),
      factor.toFixed(2),
      String(lower),
      String(equal.length),
      String(higher.length),
      moreFalseTrips.length === 0 ? 'none' : moreFalseTrips.join(', '),
    ]),
  ];
}

/** Which scenarios are equal for every other contender: nobody trips, or there is nothing to prevent. */
export function equalLine(comparisons: readonly Comparison[]): string {
  const [first, ...others] = comparisons;
  const equal = (first?.equal ?? []).filter((name) => others.every((other) => other.equal.includes(name)));
  return `Equal for all of them: ${equal.join(', ')}`;
}

/** In which scenarios ours is higher, and by how much: a line for each contender where there are any. */
export function higherLines(comparisons: readonly Comparison[]): string[] {
  return comparisons
    .filter(({ higher }) => higher.length > 0)
    .map(({ contender, higher }) => {
      const list = higher.map(({ scenario, ours, theirs }) => `${scenario} (${count(ours)} : ${count(theirs)})`);
      return `Higher than ${contender}: ${list.join(', ')}`;
    });
}

/** The rows of goals, titles first. */
export function goalRows(goals: readonly Goal[]): string[][] {
  return [
    ['goal', 'measured', 'wanted', ''],
    ...goals.map(({ what, isMet, figure, wanted }) => [what, figure, wanted, isMet ? 'met' : 'MISSED']),
  ];
}
