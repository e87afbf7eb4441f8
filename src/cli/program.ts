import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { usageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { backtestCommand } from './commands/backtest.ts';
import { changeCommands } from './commands/changes.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { explainCommand } from './commands/explain.ts';
import { listCommand } from './commands/list.ts';
import { modeCommand } from './commands/mode.ts';
import { policyCommand } from './commands/policy.ts';
import { schemaCommand } from './commands/schema.ts';
import { topCommand } from './commands/top.ts';
import { completeName } from './complete-name.ts';
import { PROGRAM } from './program-name.ts';
import { withStandardInput } from './read-input.ts';
import { columnsOf, type Terminal } from './terminal.ts';

/** yargs' errors in plain words. */
const TEXTS = {
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'an argument is missing: %s given, %s needed',
    other: 'an argument is missing: %s given, %s needed',
  },
  'Missing required argument: %s': { one: 'an option is missing: --%s', other: 'options are missing: %s' },
  'Unknown argument: %s': { one: 'there is no option or argument "%s"', other: 'there are no options or arguments "%s"' },
  'Not enough arguments following: %s': 'a value is missing behind --%s',
  'Invalid values:': 'that is none of the choices:',
} as unknown as Record<string, string>;

/** Arguments that are lists. */
const LISTS = new Set(['_', 'files', 'calls', 'against', 'state']);

const EPILOGUE = `Ends with 0 when all is well, 1 where something was found or refused, 2 for a wrong command line, 3 where the admin service cannot be reached, 4 where it wants a token that may do this, 130 after Ctrl-C. Set DEBUG=1 for the stack of an error.`;

/**
 * Runs the command that a command line names.
 * @throws CliError for what goes wrong
 */
export async function parseCommandLine(args: readonly string[], terminal: Terminal): Promise<void> {
  refuseTokens(args);
  const parser = program(args, terminal);
  if (args.length === 0) {
    parser.showHelp((help) => terminal.stdout.write(`${help}\n`));
    return;
  }
  try {
    await parser.parseAsync(withStandardInput(args));
  } catch (error) {
    // A line that is not written to its end yet is no mistake: the shell asks what may come next. No command is run then.
    if (!args.includes('--get-yargs-completions')) throw error;
  }
}

/** Every command, as yargs knows them. */
function program(args: readonly string[], terminal: Terminal): Argv {
  const parser = yargs()
    .scriptName(PROGRAM)
    .usage('$0 COMMAND\n\nLooks at the circuit breakers of gRPC clients, and steers them.')
    .locale('en')
    .updateStrings(TEXTS)
    .wrap(Math.min(columnsOf(terminal), terminal.stdout.isTTY ? 120 : 100))
    .version(versionOf())
    .strict()
    .recommendCommands()
    .demandCommand(1, '')
    .check(refuseRepeats)
    .epilogue(EPILOGUE)
    .exitProcess(true)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      const said = message ?? error?.message ?? '';
      throw usageError(errorOf(said, args, terminal), nextOf(args, terminal));
    });
  for (const command of commands(terminal)) parser.command(command);
  return parser.completion('get-completions', false, completeName);
}

/** Every command, in the order of the help. */
function commands(terminal: Terminal): Command[] {
  return [
    listCommand(terminal),
    topCommand(terminal),
    explainCommand(terminal),
    ...changeCommands(terminal),
    modeCommand(terminal),
    policyCommand(terminal),
    checkCommand(terminal),
    backtestCommand(terminal),
    schemaCommand(terminal),
    completionCommand(terminal),
  ];
}

/** Whether a command line begins with something that should be a command, and is none. */
function isLost([first]: readonly string[], terminal: Terminal): boolean {
  const names = commands(terminal).map(({ command }) => String(command).split(' ')[0]);
  return first !== undefined && !first.startsWith('-') && !names.includes(first);
}

/** An error of yargs, where the command is wrong about that. */
function errorOf(said: string, args: readonly string[], terminal: Terminal): string {
  if (isLost(args, terminal)) {
    const hint = said.startsWith('Did you mean') ? `; d${said.slice(1)}` : '';
    return `there is no command "${args[0]}"${hint}`;
  }
  return said === '' ? 'a command is missing' : said;
}

/** Where the options stand of the command that was meant. */
function nextOf(args: readonly string[], terminal: Terminal): string {
  const [name = '-', second = ''] = args;
  if (name.startsWith('-') || isLost(args, terminal)) return `${PROGRAM} --help lists the commands and their options`;
  const command = name === 'policy' && /^(get|reload)$/.test(second) ? `${name} ${second}` : name;
  return `${PROGRAM} ${command} --help shows its options, with examples`;
}

/** Options that take one value get a list where they are given twice: the one that was meant is not known. */
function refuseRepeats(argv: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(argv)) {
    if (!Array.isArray(value) || LISTS.has(name)) continue;
    throw usageError(`--${name} is given ${value.length} times`, 'give it once');
  }
  return true;
}

/** A token in the command line can be read by everyone on the machine, and stays in the shell's history. */
function refuseTokens(args: readonly string[]): void {
  if (!args.some((arg) => arg === '--token' || arg.startsWith('--token='))) return;
  throw usageError(
    'a token in the command line can be read by everyone on this machine, so there is no option --token',
    'put it into a file and give --token-file FILE, or set GRPC_BREAKER_TOKEN',
  );
}

function versionOf(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
