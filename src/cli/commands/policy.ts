import type { Argv } from 'yargs';
import { type ChangeOptions, withChange } from '../change-options.ts';
import { usageError } from '../cli-error.ts';
import { type Command, defineCommand } from '../command.ts';
import { type ConnectionOptions, withConnection } from '../connection-options.ts';
import type { Terminal } from '../terminal.ts';

interface GetArguments extends ConnectionOptions {
  readonly json?: boolean;
}

interface ReloadArguments extends ChangeOptions {
  readonly file: string;
  readonly checkOnly?: boolean;
  readonly etag?: string;
}

/** `grpc-breaker policy get | reload`. */
export function policyCommand(terminal: Terminal): Command {
  const get = defineCommand<GetArguments>({
    command: 'get',
    describe: 'Print the policy that holds, as YAML',
    options: (parser) =>
      withConnection(
        parser.option('json', { type: 'boolean', describe: 'Print JSON: { "address", "etag", "hasCode", "policy": {...} }' }),
      ) as unknown as Argv<GetArguments>,
    examples: [['policy get > breakers.yaml', 'what `policy reload` and `check` read']],
    run: async (args) => {
      const { getPolicy } = await import('../policy-commands.ts');
      return await getPolicy(args, args.json === true, terminal);
    },
  });
  const reload = defineCommand<ReloadArguments>({
    command: 'reload <file>',
    describe: 'Put another policy in place of the one that holds',
    options: (parser) =>
      withChange(
        parser
          .positional('file', { type: 'string', demandOption: true, describe: 'YAML or JSON; - for the standard input' })
          .option('check-only', { type: 'boolean', describe: 'Only let the process check it; nothing changes' })
          .option('etag', {
            type: 'string',
            requiresArg: true,
            describe: 'Change nothing where another policy holds by now than the one that `policy get --json` told',
          }),
        'It stays without it',
      ) as unknown as Argv<ReloadArguments>,
    examples: [
      ['policy reload breakers.yaml --check-only', 'would it be taken?'],
      ['policy reload breakers.yaml --reason "stricter limits" --for 1h', 'the policy of before comes back after an hour'],
    ],
    run: async ({ file, checkOnly, etag, ...options }) => {
      const { reloadPolicy } = await import('../policy-commands.ts');
      return await reloadPolicy(file, { isCheck: checkOnly === true, etag }, options, terminal);
    },
  });
  return {
    command: 'policy',
    describe: 'Print the policy of a process, or replace it',
    builder: (parser: Argv) => parser.command(get).command(reload).demandCommand(1, ''),
    handler: () => {
      throw usageError('policy wants to know what to do', 'grpc-breaker policy get, or grpc-breaker policy reload FILE');
    },
  };
}
