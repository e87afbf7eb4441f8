import type { Comparison } from '../report/totals.ts';
import type { Goal } from './goal.ts';

const FACTOR = 3;
const SCENARIO_SHARE = 0.8;

/** Against every peer and tuning: lower in sum, in most scenarios, and nowhere more false trips. */
export function comparisonGoals(comparisons: readonly Comparison[]): Goal[] {
  return comparisons.flatMap(({ contender, factor, scenarios, notLower, moreFalseTrips }) => {
    const lower = (scenarios - notLower.length) / scenarios;
    return [
      {
        what: `harmful + refused healthy, of ${contender} over ours`,
        figure: factor.toFixed(2),
        wanted: `>= ${FACTOR}`,
        isMet: factor >= FACTOR,
      },
      {
        what: `share of scenarios lower than ${contender}`,
        figure: `${(lower * 100).toFixed(0)} %`,
        wanted: `>= ${SCENARIO_SHARE * 100} %`,
        isMet: lower >= SCENARIO_SHARE,
      },
      {
        what: `scenarios with more false trips than ${contender}`,
        figure: String(moreFalseTrips.length),
        wanted: '0',
        isMet: moreFalseTrips.length === 0,
      },
    ];
  });
}
