import type { Argv } from 'yargs';
import { type Command, defineCommand, withAdmin } from '../command.ts';
import { type ConnectionOptions, withConnection } from '../connection-options.ts';
import { EXIT } from '../exit-codes.ts';
import { columnsOf, paintFor, print, printJson, type Terminal } from '../terminal.ts';

interface Arguments extends ConnectionOptions {
  readonly name?: string;
  readonly state?: readonly string[];
  readonly json?: boolean;
}

/** `grpc-breaker list`: every breaker, those that need attention first. */
export function listCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'list [name]',
    describe: 'List the breakers, those that need attention first',
    options: (parser) =>
      withConnection(
        parser
          .positional('name', { type: 'string', describe: 'Only breakers that have this in their name' })
          .option('state', {
            type: 'string',
            array: true,
            choices: ['closed', 'open', 'halfOpen'],
            describe: 'Only breakers in one of these states',
          })
          .option('json', { type: 'boolean', describe: 'Print JSON: { "address", "breakers": [...] }' }),
      ) as unknown as Argv<Arguments>,
    examples: [
      ['list', 'all breakers of the process at 127.0.0.1:7070'],
      ['list --state open halfOpen', 'those that do not let everything through'],
      ['list --json | jq -r ".breakers[].name"', 'the names'],
    ],
    run: async ({ name, state, json, ...options }) => {
      const { listBreakers } = await import('../find-breaker.ts');
      const breakers = await withAdmin(options, terminal, (client) =>
        listBreakers(client, { states: state, nameContains: name }),
      );
      if (json === true) {
        printJson(terminal, { address: options.address, breakers });
        return EXIT.OK;
      }
      const { breakerTable } = await import('../breaker-table.ts');
      if (breakers.length === 0) print(terminal, 'no breakers');
      else print(terminal, breakerTable(breakers, { width: columnsOf(terminal), paint: paintFor(terminal) }));
      return EXIT.OK;
    },
  });
}
