import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { parseCommandLine } from './program.ts';
import { sayError, type Terminal } from './terminal.ts';

/**
 * Runs a command line to its end and sets the exit code of the process.
 * @param args - what stands behind the program's name
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<void> {
  endQuietly(terminal);
  try {
    await parseCommandLine(args, terminal);
  } catch (error) {
    sayError(terminal, error instanceof Error ? error : new Error(String(error)));
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.FAILED;
  }
}

/** A reader that went away (`| head`) wants no more, and Ctrl-C is an answer: neither is worth a word. */
function endQuietly(terminal: Terminal): void {
  for (const stream of [terminal.stdout, terminal.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.OK);
      sayError(terminal, new Error(`what was found cannot be written: ${error.message}`));
      process.exit(EXIT.FAILED);
    });
  }
  process.once('SIGINT', () => process.exit(EXIT.INTERRUPTED));
}
