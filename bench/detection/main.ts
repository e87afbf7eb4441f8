import { parseArgs } from 'node:util';
import type { BareBreakerOptions } from '../../src/create-breaker.ts';
import { OTHERS, OURS, OURS_SHED } from './contenders/index.ts';
import { ours } from './contenders/ours.ts';
import { comparisonGoals } from './goals/comparison.ts';
import { describe, type Report } from './report/describe.ts';
import { summarize } from './report/summary.ts';
import { compare } from './report/totals.ts';
import { runAll } from './run.ts';
import { isForShedding, SCENARIOS } from './scenarios/index.ts';

const USAGE = `npm run bench:detection -- [options]
  --scenario LIST  scenarios to run, by comma, each the beginning of a name: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --seeds N        runs of each scenario (5)
  --tune           seeds 1..N, on which options may be chosen; without it seeds 101.. , on which they are reported
  --ours JSON      options of our breaker over a policy's defaults, as for createBreaker
  --only-ours      nobody else
  --quick          one seed
  --json           one JSON object on stdout, and nothing else there
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    seeds: { type: 'string' },
    tune: { type: 'boolean', default: false },
    ours: { type: 'string', default: '{}' },
    'only-ours': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await main();

async function main(): Promise<void> {
  const wanted = values.scenario?.split(',') ?? [''];
  const scenarios = SCENARIOS.filter(({ name }) => wanted.some((beginning) => name.startsWith(beginning)));
  if (scenarios.length === 0) throw new Error(`no scenario begins with ${values.scenario}\n${USAGE}`);
  const count = values.quick ? 1 : Number(values.seeds ?? 5);
  const seeds = Array.from({ length: count }, (_, k) => (values.tune ? 1 : 101) + k);
  const options = JSON.parse(values.ours) as BareBreakerOptions;
  const others = values['only-ours'] ? [] : OTHERS;
  const progress = (scenario: string): void => void process.stderr.write(`${scenario}...\n`);
  const names = scenarios.map(({ name }) => name);
  const results = await runAll(names, [ours(OURS, options), ...others], seeds, progress);
  const shedding = scenarios.filter(isForShedding).map(({ name }) => name);
  results.push(...(await runAll(shedding, [ours(OURS_SHED, { shed: {} })], seeds)));
  const summaries = results.map(summarize);
  const comparisons = compare(summaries, OURS);
  const report: Report = { seeds, options, results: summaries, comparisons, goals: comparisonGoals(comparisons) };
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, scenarios));
}
