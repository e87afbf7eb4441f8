import type { Argv } from 'yargs';
import type { Mode } from '../../core/state.ts';
import { type ChangeOptions, withChange } from '../change-options.ts';
import { type Command, defineCommand } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { withName } from './changes.ts';

interface Arguments extends ChangeOptions {
  readonly name: string;
  readonly mode: Mode;
}

const QUESTIONS: Readonly<Record<Mode, string>> = {
  enforce: 'Refuse calls again, by its own judgement, at',
  observe: 'Judge, but refuse nothing any more, at',
  off: 'Neither judge nor refuse any more at',
};

/** `grpc-breaker mode`: what one breaker does with its judgement. */
export function modeCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'mode <name> <mode>',
    describe: 'Set what a breaker does with its judgement',
    options: (parser) =>
      withChange(
        withName(parser).positional('mode', {
          choices: ['enforce', 'observe', 'off'],
          demandOption: true,
          describe: 'Refuse calls; judge and refuse nothing; neither. `release` goes back to the policy',
        }),
        'The server decides without it: 15 minutes as a rule',
      ) as unknown as Argv<Arguments>,
    examples: [['mode ModelInfer observe --reason "is the new limit right?" --for 2h', 'it refuses nothing for two hours']],
    run: async ({ name, mode, ...options }) => {
      const { changeBreaker } = await import('../change-breaker.ts');
      const change = {
        usage: `mode NAME ${mode}`,
        method: 'SetMode',
        question: QUESTIONS[mode],
        fields: { mode: `MODE_${mode.toUpperCase()}` },
      };
      return await changeBreaker(name, change, options, terminal);
    },
  });
}
