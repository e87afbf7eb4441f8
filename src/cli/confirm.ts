import { createInterface } from 'node:readline/promises';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks before something is changed. Only `y` and `yes` are a yes.
 * @throws CliError where the answer is no, and where there is no terminal to ask at: scripts say --yes
 */
export async function confirm(terminal: Terminal, question: string, isSure: boolean | undefined): Promise<void> {
  if (isSure === true) return;
  const { stdin, stderr } = terminal;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw usageError(
      'this asks before it changes something, and there is no terminal to ask at; nothing was changed',
      'add --yes',
    );
  }
  // On the standard error, so that the output can go elsewhere.
  const reader = createInterface({ input: stdin, output: stderr });
  const interrupted = new Promise<never>((_, reject) => {
    reader.once('SIGINT', () => reject(new CliError('nothing was changed', undefined, EXIT.INTERRUPTED)));
    reader.once('close', () => reject(new CliError('nothing was changed')));
  });
  interrupted.catch(() => undefined);
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `), interrupted]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was changed');
  } finally {
    reader.close();
  }
}
