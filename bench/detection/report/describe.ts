import type { Scenario } from '../scenarios/scenario.ts';
import type { Report } from './report.ts';
import { comparisonRows, goalRows, higherLines, scenarioRows } from './rows.ts';
import { aligned } from './table.ts';

/** A run for people. */
export function describe({ seeds, results, comparisons, goals }: Report, scenarios: readonly Scenario[]): string {
  const parts: string[] = [`Seeds ${seeds.join(', ')}. Counts are means per run; times are medians (95th percentile).`];
  for (const scenario of scenarios) {
    const rows = scenarioRows(results, scenario);
    if (rows.length > 0) parts.push(`${scenario.name}: ${scenario.title}\n${aligned(rows)}`);
  }
  if (comparisons.length > 0) parts.push(aligned(comparisonRows(comparisons)), higherLines(comparisons).join('\n'));
  if (goals.length > 0) {
    parts.push(aligned(goalRows(goals)), `${goals.filter(({ isMet }) => isMet).length} of ${goals.length} goals met`);
  }
  return `${parts.join('\n\n')}\n`;
}
