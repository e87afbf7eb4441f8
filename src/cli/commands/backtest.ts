import type { Argv } from 'yargs';
import { type Command, defineCommand } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface Arguments {
  readonly calls: readonly string[];
  readonly policy: string;
  readonly against?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly svg?: string;
}

/** `grpc-breaker backtest`: what another policy would have done with recorded calls. */
export function backtestCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'backtest <calls..>',
    describe: 'Replay recorded calls under a policy: what would have tripped?',
    options: (parser) =>
      parser
        .positional('calls', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Files of recordCalls: .jsonl, .jsonl.gz',
        })
        .option('policy', { alias: 'p', type: 'string', requiresArg: true, demandOption: true, describe: 'The policy to try' })
        .option('against', { type: 'string', requiresArg: true, describe: 'Another policy, side by side' })
        .option('json', { type: 'boolean', describe: 'Print the report as JSON' })
        .option('html', { type: 'string', requiresArg: true, describe: 'Also write a timeline, as a page of its own' })
        .option('svg', {
          type: 'string',
          requiresArg: true,
          describe: 'Also write a timeline, as a picture',
        }) as unknown as Argv<Arguments>,
    examples: [
      ['backtest --policy new.yaml calls.jsonl.gz', 'trips, calls refused in vain, failures avoided'],
      ['backtest --policy new.yaml --against old.yaml calls.jsonl --html report.html', 'side by side, with a timeline'],
    ],
    run: async ({ calls, ...options }) => {
      const { runBacktest } = await import('../run-backtest.ts');
      return await runBacktest(calls, options, terminal);
    },
  });
}
