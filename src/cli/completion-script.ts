import yargs from 'yargs';
import { PROGRAM } from './program-name.ts';

/**
 * yargs' script for a shell. yargs takes the shell from SHELL, which is the user's login shell, both here and when it completes: the script says which
 * one runs it.
 */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  const before = { shell: process.env['SHELL'], zsh: process.env['ZSH_NAME'] };
  const printed: string[] = [];
  // yargs has no other way to give its script away. oxlint-disable-next-line no-console
  const { log } = console;
  try {
    process.env['SHELL'] = `/bin/${shell}`;
    delete process.env['ZSH_NAME'];
    // oxlint-disable-next-line no-console -- as above
    console.log = (text: string) => void printed.push(text);
    yargs([]).scriptName(PROGRAM).completion(`completion ${shell}`, false).showCompletionScript();
  } finally {
    // oxlint-disable-next-line no-console -- as above
    console.log = log;
    restore('SHELL', before.shell);
    restore('ZSH_NAME', before.zsh);
  }
  const ask = `${PROGRAM} --get-yargs-completions`;
  return `${printed.join('\n').replaceAll(ask, `SHELL=/bin/${shell} ZSH_NAME= ${ask}`)}\n`;
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
