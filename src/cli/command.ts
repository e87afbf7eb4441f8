import type { Argv, CommandModule } from 'yargs';
import type { AdminClient } from './admin-client.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** A command. */
// biome-ignore lint/suspicious/noExplicitAny: each command has arguments of its own.
export type Command = CommandModule<object, any>;

/** What a command is made of. */
export interface CommandParts<Arguments> {
  readonly command: string;
  readonly describe: string;
  readonly options: (parser: Argv) => Argv<Arguments>;
  /** Command lines and what they do, for the help. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Does it. What it needs is loaded here, so that other commands start fast. */
  readonly run: (args: Arguments) => Promise<ExitCode>;
}

/** Makes a command that sets the exit code of the process. */
export function defineCommand<Arguments>({ command, describe, options, examples, run }: CommandParts<Arguments>): Command {
  return {
    command,
    describe,
    builder: (parser: Argv) => {
      for (const [line, what] of examples) parser.example(`$0 ${line}`, what);
      return options(parser);
    },
    handler: async (args) => {
      process.exitCode = await run(args as unknown as Arguments);
    },
  };
}

/** Connects, does something, and disconnects. */
export async function withAdmin<T>(
  options: ConnectionOptions,
  terminal: Terminal,
  work: (client: AdminClient) => Promise<T>,
): Promise<T> {
  const { connect } = await import('./admin-client.ts');
  const client = await connect(options, terminal);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
