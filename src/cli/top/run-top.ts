import { CliError } from '../cli-error.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

/** How it is watched. */
export interface TopOptions extends ConnectionOptions {
  readonly name?: string;
  readonly interval: string;
  readonly count?: number;
  readonly sort: string;
  readonly json?: boolean;
}

/** Watches. */
export async function runTop(_options: TopOptions, _terminal: Terminal): Promise<ExitCode> {
  throw new CliError('it is not there yet');
}
