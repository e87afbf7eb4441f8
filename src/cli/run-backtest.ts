import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadPolicy } from '../policy/load-policy.ts';
import { backtest } from '../recording/backtest.ts';
import { formatReport } from '../recording/format-report.ts';
import { renderTimeline } from '../recording/render-timeline.ts';
import { usageError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { columnsOf, paintFor, print, printJson, type Terminal } from './terminal.ts';

/** How calls are replayed. */
export interface BacktestArguments {
  readonly policy: string;
  readonly against?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly svg?: string;
}

/** Replays calls under a policy, and tells what it would have done. */
export async function runBacktest(calls: readonly string[], options: BacktestArguments, terminal: Terminal): Promise<ExitCode> {
  const { against, json, html, svg } = options;
  if (Array.isArray(against)) throw usageError(`--against is given ${against.length} times`, 'give it once');
  // A long replay whose result cannot be written would be in vain.
  for (const file of [html, svg]) if (file !== undefined) checkWritable(file);
  const other = against === undefined ? {} : { against: loadPolicy(against) };
  const result = await backtest({ policy: loadPolicy(options.policy), ...other, recordings: calls });
  if (json === true) printJson(terminal, result);
  else print(terminal, formatReport(result, { width: columnsOf(terminal), paint: paintFor(terminal) }));
  if (html !== undefined) writeFileSync(html, renderTimeline(result, 'html'));
  if (svg !== undefined) writeFileSync(svg, renderTimeline(result, 'svg'));
  return EXIT.OK;
}

function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw usageError(`${file} cannot be written: ${(error as Error).message}`, 'check the folder and its permissions');
  }
}
