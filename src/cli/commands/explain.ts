import type { Argv } from 'yargs';
import { type Command, defineCommand, withAdmin } from '../command.ts';
import { type ConnectionOptions, withConnection } from '../connection-options.ts';
import { EXIT } from '../exit-codes.ts';
import { columnsOf, paintFor, print, printJson, type Terminal } from '../terminal.ts';
import { withName } from './changes.ts';

interface Arguments extends ConnectionOptions {
  readonly name: string;
  readonly json?: boolean;
}

/** `grpc-breaker explain`: why a breaker is as it is. */
export function explainCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'explain <name>',
    describe: 'Say why a breaker is as it is, and what comes next',
    options: (parser) =>
      withConnection(
        withName(parser).option('json', { type: 'boolean', describe: 'Print JSON: { "address", "breaker": {...} }' }),
      ) as unknown as Argv<Arguments>,
    examples: [['explain ModelInfer', 'the verdict with its numbers, the next trial, overrides, the trace']],
    run: async ({ name, json, ...options }) => {
      const { findBreaker } = await import('../find-breaker.ts');
      const breaker = await withAdmin(options, terminal, (client) => findBreaker(client, name));
      if (json === true) {
        printJson(terminal, { address: options.address, breaker });
        return EXIT.OK;
      }
      const { explainBreaker } = await import('../explain-breaker.ts');
      print(terminal, explainBreaker(breaker, columnsOf(terminal), paintFor(terminal)));
      return EXIT.OK;
    },
  });
}
