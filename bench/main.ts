import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exitCodeOf, judgeGoals } from './goals.ts';
import { thisMachine } from './harness/machine.ts';
import type { Metric } from './harness/metric.ts';
import { describeReport, type Report } from './report.ts';
import { runSuite } from './run-suite.ts';
import { isSuiteName, SUITES, type SuiteName } from './suites/index.ts';

const USAGE = `npm run bench -- [options]
  --only LIST     suites to run, by comma: ${Object.keys(SUITES).join(', ')}
  --quick         a smoke run of a few seconds: its figures mean nothing
  --processes N   processes that each suite is run in, one after the other (3)
  --dist          measure the built package in dist, not the sources
  --json          one JSON object on stdout, and nothing else there
  --out FILE      writes the same JSON into a file
  --enforce       exit code 1 when a goal is missed
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    processes: { type: 'string' },
    dist: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    enforce: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await main(chosenSuites(values.only), processesOf(values.processes));

function chosenSuites(list: string | undefined): SuiteName[] {
  const names = list?.split(',') ?? Object.keys(SUITES);
  return names.map((name) => {
    if (!isSuiteName(name)) throw new Error(`there is no suite ${name}\n${USAGE}`);
    return name;
  });
}

function processesOf(text: string | undefined): number {
  const count = text === undefined ? (values.quick ? 1 : 3) : Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--processes takes a whole number of at least 1, not ${text}`);
  return count;
}

async function main(suites: readonly SuiteName[], processes: number): Promise<void> {
  const machine = thisMachine();
  const source = values.dist ? 'dist' : 'src';
  const metrics: Metric[] = [];
  for (const name of suites) {
    process.stderr.write(`${name}...\n`);
    metrics.push(...(await runSuite({ name, source, isQuick: values.quick }, processes)));
  }
  const goals = judgeGoals(metrics);
  const report: Report = { machine, source, isQuick: values.quick, metrics, goals };
  const json = JSON.stringify(report);
  if (values.out !== undefined) writeFileSync(values.out, `${json}\n`);
  process.stdout.write(values.json ? `${json}\n` : describeReport(report));
  process.exitCode = exitCodeOf(goals, values.enforce);
}
