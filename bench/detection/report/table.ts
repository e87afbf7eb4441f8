import type { Scenario } from '../scenarios/scenario.ts';
import type { Spread, Summary } from './summary.ts';

/** A table's columns: its title, and what stands in a row. */
const COLUMNS: readonly (readonly [string, (row: Summary, scenario: Scenario) => string])[] = [
  ['calls to trip', (row, { faults }) => (faults.length === 0 ? '' : withP95(row.callsToTrip, count))],
  ['time to trip', (row, { faults }) => (faults.length === 0 ? '' : withP95(row.msToTrip, duration))],
  ['harmful', (row) => count(row.harmful)],
  ['good lost', (row) => count(row.goodLost)],
  ['refused healthy', (row) => count(row.refusedHealthy)],
  ['false trips', (row) => (row.falseTrips === 0 ? '0' : `${round(row.falseTrips)} (${count(row.falsePerMillion)}/M)`)],
  ['to full traffic', (row, { faults }) => (faults.length === 0 ? '' : withP95(row.msToFullTraffic, duration))],
  ['peak load', (row, { faults }) => (faults.length === 0 ? '' : row.peakLoad.toFixed(1))],
];

/** The titles of the columns. */
export const TITLES: readonly string[] = ['', ...COLUMNS.map(([title]) => title)];

/** The cells of a row. */
export function cells(row: Summary, scenario: Scenario): string[] {
  return [row.contender, ...COLUMNS.map(([, cell]) => cell(row, scenario))];
}

/** Rows in columns of one width each, for people. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, k) => Math.max(all[k] ?? 0, cell.length)), []);
  return rows
    .map((row) => row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Rows as a table in Markdown; the first one holds the titles. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [titles = [], ...rest] = rows;
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(titles), `|${titles.map((_, k) => (k === 0 ? '---|' : '---:|')).join('')}`, ...rest.map(line)].join('\n');
}

/** A number of calls. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** Milliseconds, for people. */
function duration(ms: number): string {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function round(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function withP95({ median, p95 }: Spread, show: (value: number) => string): string {
  const one = (value: number | null): string => (value === null ? 'never' : show(value));
  return one(median) === one(p95) ? one(median) : `${one(median)} (${one(p95)})`;
}
