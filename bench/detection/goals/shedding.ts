import { OURS, OURS_SHED } from '../contenders/index.ts';
import type { Summary } from '../report/summary.ts';
import { count } from '../report/table.ts';
import type { Goal } from './goal.ts';

/** Where a share of calls fails: shedding costs less, in harmful calls let through and good ones lost, than opening. */
export function shedGoals(summaries: readonly Summary[]): Goal[] {
  return summaries
    .filter(({ contender }) => contender === OURS_SHED)
    .flatMap((shed) => {
      const open = summaries.find(({ contender, scenario }) => contender === OURS && scenario === shed.scenario);
      if (open === undefined) return [];
      const [mine, theirs] = [costOf(shed), costOf(open)];
      return [
        {
          what: `harmful + good lost with shed, ${shed.scenario}`,
          figure: count(mine),
          wanted: `< ${count(theirs)} (open and closed)`,
          isMet: mine < theirs,
        },
      ];
    });
}

function costOf({ harmful, goodLost }: Summary): number {
  return harmful + goodLost;
}
