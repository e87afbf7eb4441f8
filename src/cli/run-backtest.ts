import { CliError } from './cli-error.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** How calls are replayed. */
export interface BacktestOptions {
  readonly policy: string;
  readonly against?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly svg?: string;
}

/** Replays calls. */
export async function runBacktest(_calls: readonly string[], _options: BacktestOptions, _terminal: Terminal): Promise<ExitCode> {
  throw new CliError('replaying is not there yet');
}
