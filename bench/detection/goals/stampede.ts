import { OURS } from '../contenders/index.ts';
import type { Summary } from '../report/summary.ts';
import type { Goal } from './goal.ts';

/** Allowed over what the server can take in 100 ms: that much is chance. */
const CHANCE = 1.3;

/** 50 clients of one server that comes back cold: what reaches it in any 100 ms, beside what it can take then. */
export function stampedeGoals(summaries: readonly Summary[]): Goal[] {
  const rows = summaries.filter(({ scenario }) => scenario === 'fifty-clients');
  const mine = rows.find(({ contender }) => contender === OURS);
  if (mine === undefined) return [];
  const others = rows.filter((row) => row !== mine).map(({ contender, peakLoad }) => `${contender} ${peakLoad.toFixed(2)}`);
  return [
    {
      what: `peak load of a recovering server over its capacity, 50 clients (${others.join('; ')})`,
      figure: mine.peakLoad.toFixed(2),
      wanted: `<= ${CHANCE}`,
      isMet: mine.peakLoad <= CHANCE,
    },
  ];
}
