import type { BareBreakerOptions } from '../../src/create-breaker.ts';
import type { ContenderKind } from './contenders/contender.ts';
import { OURS, OURS_SHED } from './contenders/index.ts';
import { ours } from './contenders/ours.ts';
import { comparisonGoals } from './goals/comparison.ts';
import { shedGoals } from './goals/shedding.ts';
import { stampedeGoals } from './goals/stampede.ts';
import type { Report } from './report/report.ts';
import { summarize } from './report/summary.ts';
import { compare } from './report/totals.ts';
import { runAll } from './run.ts';
import { isForShedding } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** Runs scenarios: ours, ours with shedding where that is compared, and the others; and judges the goals that they show. */
export async function scenarioReport(
  command: string,
  scenarios: readonly Scenario[],
  options: BareBreakerOptions,
  seeds: readonly number[],
  others: readonly ContenderKind[],
  onProgress: (what: string) => void,
): Promise<Report> {
  const names = scenarios.map(({ name }) => name);
  const results = await runAll(names, [ours(OURS, options), ...others], seeds, onProgress);
  const shedding = scenarios.filter(isForShedding).map(({ name }) => name);
  results.push(...(await runAll(shedding, [ours(OURS_SHED, { shed: {} })], seeds)));
  const summaries = results.map(summarize);
  const comparisons = compare(summaries, OURS);
  const goals = [...comparisonGoals(comparisons), ...shedGoals(summaries), ...stampedeGoals(summaries)];
  return { command, seeds, options, results: summaries, comparisons, goals };
}
