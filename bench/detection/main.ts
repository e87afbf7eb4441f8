import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BareBreakerOptions } from '../../src/create-breaker.ts';
import { OTHERS, OURS } from './contenders/index.ts';
import { coreGoals, FULL, QUICK } from './goals/core-goals.ts';
import { harmChart } from './report/chart.ts';
import { describe } from './report/describe.ts';
import { markdownParts, replaceParts, runLine } from './report/markdown.ts';
import type { Report } from './report/report.ts';
import { aligned, markdownTable } from './report/table.ts';
import { scenarioReport } from './scenario-report.ts';
import { SCENARIOS } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { sweepRows } from './sweep.ts';

const USAGE = `npm run bench:detection -- [options]
  --scenario LIST  only scenarios whose names begin so, by comma: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --goals          the goals that need this package alone, and no scenarios: false trips, delays, bursts
  --sweep          only ours, with other options than the defaults, one at a time: a table of what they cost
  --seeds N        runs of each scenario (5)
  --tune           seeds 1..N, on which options may be chosen; without it seeds 101.. , on which they are reported
  --ours JSON      options of our breaker over a policy's defaults, as for createBreaker
  --only-ours      nobody else
  --quick          one seed, few calls: a smoke run
  --enforce        exit code 1 when a goal is missed
  --json           one JSON object on stdout, and nothing else there
  --markdown FILE  writes the tables into a page, between its marks
  --svg FILE       writes the chart
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: '' },
    goals: { type: 'boolean', default: false },
    sweep: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '5' },
    tune: { type: 'boolean', default: false },
    ours: { type: 'string', default: '{}' },
    'only-ours': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    enforce: { type: 'boolean', default: false },
    markdown: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await main();

async function main(): Promise<void> {
  const wanted = values.scenario.split(',');
  const scenarios = SCENARIOS.filter(({ name }) => wanted.some((beginning) => name.startsWith(beginning)));
  if (scenarios.length === 0) throw new Error(`no scenario begins with ${values.scenario}\n${USAGE}`);
  const first = values.tune ? 1 : 101;
  const seeds = Array.from({ length: values.quick ? 1 : Number(values.seeds) }, (_, k) => first + k);
  if (values.sweep) return sweep(scenarios, seeds);
  const report = values.goals
    ? await goalReport(first)
    : await scenarioReport(commandLine(), scenarios, chosenOptions(), seeds, others(), say);
  write(report, scenarios);
}

async function sweep(scenarios: readonly Scenario[], seeds: readonly number[]): Promise<void> {
  const rows = await sweepRows(scenarios, seeds, say);
  writePage(new Map([['sweep', `${runLine(commandLine(), seeds)}\n\n${markdownTable(rows)}`]]));
  process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `${aligned(rows)}\n`);
}

async function goalReport(seed: number): Promise<Report> {
  const goals = await coreGoals(chosenOptions(), values.quick ? QUICK : FULL, seed, say);
  return { command: commandLine(), seeds: [seed], options: chosenOptions(), results: [], comparisons: [], goals };
}

function write(report: Report, scenarios: readonly Scenario[]): void {
  const { markdown, svg } = values;
  if (markdown !== undefined)
    writeFileSync(markdown, replaceParts(readFileSync(markdown, 'utf8'), markdownParts(report, scenarios)));
  if (svg !== undefined) writeFileSync(svg, harmChart(report.results, scenarios, [OURS, ...others().map(({ name }) => name)]));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, scenarios));
  if (values.enforce && report.goals.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

function writePage(parts: ReadonlyMap<string, string>): void {
  const { markdown } = values;
  if (markdown !== undefined) writeFileSync(markdown, replaceParts(readFileSync(markdown, 'utf8'), parts));
}

function others(): typeof OTHERS {
  return values['only-ours'] ? [] : OTHERS;
}

function chosenOptions(): BareBreakerOptions {
  return JSON.parse(values.ours) as BareBreakerOptions;
}

function say(what: string): void {
  process.stderr.write(`${what}...\n`);
}

/** Without what only says where the output goes. */
function commandLine(): string {
  const args = process.argv.slice(2).filter((arg, k, all) => !isOutput(arg) && !isOutput(all[k - 1]));
  return ['npm run bench:detection', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
}

function isOutput(arg: string | undefined): boolean {
  return arg === '--markdown' || arg === '--svg';
}
