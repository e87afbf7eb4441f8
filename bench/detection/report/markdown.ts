import type { Scenario } from '../scenarios/scenario.ts';
import type { Report } from './report.ts';
import { comparisonRows, equalLine, goalRows, higherLines, scenarioRows } from './rows.ts';
import { markdownTable } from './table.ts';

/** The parts of a page that a run writes: what stands between `<!-- bench:detection NAME -->` and `<!-- end -->`. */
export function markdownParts(report: Report, scenarios: readonly Scenario[]): Map<string, string> {
  const { command, seeds, results, comparisons, goals } = report;
  const run = runLine(command, seeds);
  const parts = new Map<string, string>();
  if (results.length > 0) {
    parts.set('run', run);
    parts.set(
      'comparison',
      [markdownTable(comparisonRows(comparisons)), equalLine(comparisons), ...higherLines(comparisons)].join('\n\n'),
    );
    parts.set('scenarios', scenarios.map((scenario) => section(report, scenario)).join('\n\n'));
    parts.set('scenario-goals', goalPart(goals, run));
  } else {
    parts.set('core-goals', goalPart(goals, run));
  }
  return parts;
}

/** How and where the figures were made. */
export function runLine(command: string, seeds: readonly number[]): string {
  const which = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  return `From \`${command}\`, ${which}; Node ${process.versions.node}.`;
}

/** A page with its parts replaced. @throws Error where the page has no such part */
export function replaceParts(page: string, parts: ReadonlyMap<string, string>): string {
  let text = page;
  for (const [name, part] of parts) {
    const begin = `<!-- bench:detection ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`the page has no part ${begin} ... <!-- end -->`);
    text = `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
  }
  return text;
}

function section({ results }: Report, scenario: Scenario): string {
  return `**${scenario.title}** (\`${scenario.name}\`)\n\n${markdownTable(scenarioRows(results, scenario))}`;
}

function goalPart(goals: Report['goals'], run: string): string {
  const met = goals.filter(({ isMet }) => isMet).length;
  return `${run}\n\n${met} of ${goals.length} met.\n\n${markdownTable(goalRows(goals))}`;
}
