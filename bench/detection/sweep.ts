import type { BareBreakerOptions } from '../../src/create-breaker.ts';
import { OURS } from './contenders/index.ts';
import { ours } from './contenders/ours.ts';
import { type Summary, summarize } from './report/summary.ts';
import { count } from './report/table.ts';
import { harmOf } from './report/totals.ts';
import { runAll } from './run.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** Options that are tried, each beside the defaults; the last one is what design.md began with. */
const VARIANTS: readonly BareBreakerOptions[] = [
  {},
  { openFor: '100ms' },
  { openFor: '500ms' },
  { openFor: '1s' },
  { openFor: '5s' },
  { backoff: { factor: 1.5 } },
  { backoff: { factor: 3 } },
  { backoff: { max: '1s' } },
  { backoff: { max: '2s' } },
  { backoff: { max: '10s' } },
  { backoff: { max: '60s' } },
  { backoff: { refused: 100 } },
  { backoff: { refused: 1_000 } },
  { backoff: { refused: 1_000_000_000 } },
  { trials: 1 },
  { trials: 10 },
  { rampUp: 0 },
  { rampUp: '250ms' },
  { rampUp: '1s' },
  { rampUp: '5s' },
  { stability: 0 },
  { jitter: 0 },
  { trip: { adaptive: { blip: 0 } } },
  { trip: { adaptive: { blip: '50ms' } } },
  { trip: { adaptive: { blip: '200ms' } } },
  { openFor: '5s', backoff: { factor: 2, max: '60s' }, trials: 3, rampUp: '5s' },
];

/** What each variant costs over all scenarios: rows of a table, titles first. */
export async function sweepRows(
  scenarios: readonly Scenario[],
  seeds: readonly number[],
  onProgress: (what: string) => void,
): Promise<string[][]> {
  const names = scenarios.map(({ name }) => name);
  const rows = [
    [
      'options over the defaults',
      'harmful + refused healthy',
      'harmful',
      'refused healthy',
      'good lost',
      'false trips',
      'peak, 50 clients',
    ],
  ];
  for (const options of VARIANTS) {
    const title = titleOf(options);
    onProgress(title);
    const summaries = (await runAll(names, [ours(OURS, options)], seeds)).map(summarize);
    const sum = (of: (row: Summary) => number): string => count(summaries.reduce((total, row) => total + of(row), 0));
    const fifty = summaries.find(({ scenario }) => scenario === 'fifty-clients');
    rows.push([
      title,
      sum(harmOf),
      sum((row) => row.harmful),
      sum((row) => row.refusedHealthy),
      sum((row) => row.goodLost),
      sum((row) => row.falseTrips),
      fifty === undefined ? '' : fifty.peakLoad.toFixed(2),
    ]);
  }
  return rows;
}

function titleOf(options: BareBreakerOptions): string {
  const text = JSON.stringify(options).replaceAll('"', '').slice(1, -1);
  return text === '' ? 'the defaults' : `\`${text.replaceAll(':', ': ').replaceAll(',', ', ')}\``;
}
