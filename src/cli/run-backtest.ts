import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { loadPolicy } from '../policy/load-policy.ts';
import { backtest } from '../recording/backtest.ts';
import { usageError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { print, printJson, say, type Terminal } from './terminal.ts';

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
  else print(terminal, result.lanes.map(({ title, total }) => `${title}: ${total.trips} trips`).join('\n'));
  for (const { file, line, message } of result.recording.problems)
    say(terminal, `warning: ${file}${line === 0 ? '' : `:${line}`}: ${message}`);
  return EXIT.OK;
}

function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw usageError(`${file} cannot be written: ${(error as Error).message}`, 'check the folder and its permissions');
  }
}
