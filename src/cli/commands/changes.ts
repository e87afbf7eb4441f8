import type { Argv } from 'yargs';
import type { BreakerChange } from '../change-breaker.ts';
import { type ChangeOptions, withChange } from '../change-options.ts';
import { type Command, defineCommand } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface Arguments extends ChangeOptions {
  readonly name: string;
}

interface Parts extends BreakerChange {
  readonly describe: string;
  readonly example: readonly [options: string, what: string];
  /** How long it holds without --for; undefined where it has no end. */
  readonly lasts?: string;
}

const LASTS = 'The server decides without it: 15 minutes as a rule';

const CHANGES: readonly Parts[] = [
  {
    usage: 'open NAME',
    method: 'ForceOpen',
    describe: 'Refuse every call of a breaker, until released',
    question: 'Refuse every call of',
    example: ['open ModelInfer --reason "INC-123: wrong answers" --for 30m', 'callers get the fallback for half an hour'],
    lasts: LASTS,
  },
  {
    usage: 'close NAME',
    method: 'ForceClosed',
    describe: 'Refuse no call of a breaker, until released',
    question: 'Let every call through of',
    example: ['close ModelInfer --reason "false alarm of the new threshold"', 'its own judgement is not asked'],
    lasts: LASTS,
  },
  {
    usage: 'release NAME',
    method: 'Release',
    describe: 'Give a breaker back to its own judgement and mode',
    question: 'Give back to its own judgement',
    example: ['release ModelInfer --reason "INC-123 is over"', 'one that was forced open lets trials through first'],
  },
  {
    usage: 'reset NAME',
    method: 'Reset',
    describe: 'Make a breaker as new: closed, nothing learned',
    question: 'Forget all that was learned about',
    example: ['reset ModelInfer --reason "the model was replaced"', 'it learns anew what is usual; counts stay'],
  },
];

/** `grpc-breaker open | close | release | reset`. */
export function changeCommands(terminal: Terminal): Command[] {
  return CHANGES.map((change) =>
    defineCommand<Arguments>({
      command: change.usage.replace('NAME', '<name>'),
      describe: change.describe,
      options: (parser) => withChange(withName(parser), change.lasts),
      examples: [change.example],
      run: async ({ name, ...options }) => {
        const { changeBreaker } = await import('../change-breaker.ts');
        return await changeBreaker(name, change, options, terminal);
      },
    }),
  );
}

/** Adds the name of a breaker. */
export function withName(parser: Argv): Argv<{ name: string }> {
  return parser.positional('name', {
    type: 'string',
    demandOption: true,
    describe: 'The breaker: its name, its end, or any part that no other has',
  }) as Argv<{ name: string }>;
}
