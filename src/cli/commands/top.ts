import type { Argv } from 'yargs';
import { type Command, defineCommand } from '../command.ts';
import { withConnection } from '../connection-options.ts';
import type { Terminal } from '../terminal.ts';
import { ORDERS, type TopOptions } from '../top/top-options.ts';

/** `grpc-breaker top`: the breakers, live. */
export function topCommand(terminal: Terminal): Command {
  return defineCommand<TopOptions>({
    command: 'top [name]',
    describe: 'Watch the breakers, live',
    options: (parser) =>
      withConnection(
        parser
          .positional('name', { type: 'string', describe: 'Only breakers that have this in their name' })
          .option('interval', {
            alias: 'i',
            type: 'string',
            requiresArg: true,
            default: '1s',
            describe: 'How often it is drawn, or printed',
          })
          .option('count', { alias: 'n', type: 'number', requiresArg: true, describe: 'End after so many' })
          .option('sort', {
            choices: ORDERS,
            default: 'attention',
            describe: 'What comes first',
          })
          .option('json', {
            type: 'boolean',
            describe: 'Print a line of JSON each time: { "time", "address", "breakers": [...] }',
          }),
      ) as unknown as Argv<TopOptions>,
    examples: [
      ['top', 'keys: q ends it, s sorts by something else, r turns it round, arrows scroll, h tells more'],
      ['top --json --count 1', 'a line for a script'],
    ],
    run: async (args) => {
      const { runTop } = await import('../top/run-top.ts');
      return await runTop(args, terminal);
    },
  });
}
