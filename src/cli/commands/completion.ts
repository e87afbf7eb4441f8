import type { Argv } from 'yargs';
import { type Command, defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface Arguments {
  readonly shell?: 'bash' | 'zsh' | 'fish';
}

/** `grpc-breaker completion`: a script that completes commands, options and names of breakers. */
export function completionCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'completion [shell]',
    describe: 'Print the completion script of a shell',
    options: (parser) =>
      parser.positional('shell', {
        choices: ['bash', 'zsh', 'fish'],
        describe: 'Which shell; else the one of SHELL',
      }) as Argv<Arguments>,
    examples: [
      ['completion bash >> ~/.bashrc', 'for bash'],
      ['completion zsh >> ~/.zshrc', 'for zsh, behind compinit'],
    ],
    run: async ({ shell }) => {
      const { completionScript } = await import('../completion-script.ts');
      terminal.stdout.write(completionScript(shell ?? shellOf(terminal.env['SHELL'] ?? '')));
      return EXIT.OK;
    },
  });
}

function shellOf(path: string): 'bash' | 'zsh' | 'fish' {
  if (path.includes('zsh')) return 'zsh';
  return path.includes('fish') ? 'fish' : 'bash';
}
