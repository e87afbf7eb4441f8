import type { GoalResult } from './goals.ts';
import type { Machine } from './harness/machine.ts';
import type { Metric } from './harness/metric.ts';
import type { PackageSource } from './harness/suite.ts';
import { isSuiteName, SUITES } from './suites/index.ts';

/** Everything that a run has to say. */
export interface Report {
  readonly machine: Machine;
  readonly source: PackageSource;
  /** A smoke run: the figures mean nothing. */
  readonly isQuick: boolean;
  readonly metrics: readonly Metric[];
  readonly goals: readonly GoalResult[];
}

/** A run for people: every figure with its spread (10th to 90th percentile over the rounds), and the goals. */
export function describeReport({ machine, source, isQuick, metrics, goals }: Report): string {
  const { node, v8, cpu, cpus, platform, memoryGb } = machine;
  const lines = [`Node ${node} (V8 ${v8}), ${cpus} x ${cpu}, ${memoryGb} GB, ${platform}; package from ${source}`];
  if (isQuick) lines.push('A quick run: it shows that everything runs, and its figures mean nothing.');
  let suite = '';
  for (const metric of metrics) {
    const of = metric.id.slice(0, metric.id.indexOf('.'));
    if (of !== suite) lines.push('', isSuiteName(of) ? SUITES[of].title : of);
    suite = of;
    lines.push(row(metric.what, metric));
  }
  lines.push('', 'Goals');
  for (const goal of goals)
    lines.push(`${row(goal.what, goal)}  ${goal.isMet ? 'met   ' : 'MISSED'} (at most ${number(goal.atMost)})`);
  const missed = goals.filter(({ isMet }) => !isMet).length;
  lines.push(`${goals.length - missed} of ${goals.length} goals met`);
  return `${lines.join('\n')}\n`;
}

function row(what: string, { unit, median, low, high }: Pick<Metric, 'unit' | 'median' | 'low' | 'high'>): string {
  const spread = low === high ? '' : `${number(low)} .. ${number(high)}`;
  return `  ${what.padEnd(82)} ${number(median).padStart(9)} ${unit.padEnd(5)} ${spread.padEnd(22)}`;
}

/** Three digits that mean something. */
function number(value: number): string {
  if (Math.abs(value) >= 1_000) return value.toFixed(0);
  if (Math.abs(value) >= 100) return value.toFixed(1);
  return Math.abs(value) >= 10 ? value.toFixed(2) : value.toFixed(3);
}
