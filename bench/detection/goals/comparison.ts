import { PEERS } from '../contenders/index.ts';
import type { Comparison } from '../report/totals.ts';
import type { Goal } from './goal.ts';

const FACTOR = 3;
const SCENARIO_SHARE = 0.8;

/**
 * Against every peer and tuning: lower in sum, in most scenarios, and nowhere more false trips. Scenarios in which both cost the same (healthy ones,
 * where neither trips) cannot be lower for anyone, and are counted apart.
 */
export function comparisonGoals(comparisons: readonly Comparison[]): Goal[] {
  const peers = comparisons.filter(({ contender }) => PEERS.some(({ name }) => name === contender));
  return peers.flatMap(({ contender, factor, scenarios, lower, equal, moreFalseTrips }) => {
    const differing = scenarios - equal.length;
    return [
      {
        what: `harmful + refused healthy, of ${contender} over ours`,
        figure: factor.toFixed(2),
        wanted: `>= ${FACTOR}`,
        isMet: factor >= FACTOR,
      },
      {
        what: `scenarios lower than ${contender}, of those that differ (${equal.length} more are equal)`,
        figure: `${lower} of ${differing}`,
        wanted: `>= ${SCENARIO_SHARE * 100} %`,
        isMet: lower >= SCENARIO_SHARE * differing,
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
