import { styleText } from 'node:util';
import type { CliError } from './cli-error.ts';
import { plainText } from './plain-text.ts';

/** What a text is coloured as. */
export type Style = Parameters<typeof styleText>[0];

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether texts for a stream are coloured: on a terminal that is not `dumb`, but never with NO_COLOR. FORCE_COLOR stands above both: it colours
 * pipes, too, and `0` or `false` colours nothing.
 */
function hasColours(stream: { readonly isTTY?: boolean }, env: Terminal['env']): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused !== undefined && refused !== '') return false;
  return stream.isTTY === true && terminal !== 'dumb';
}

/** A function that colours, or one that leaves texts as they are. */
function painter(isColoured: boolean): (style: Style, text: string) => string {
  return isColoured ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** Colours texts for the standard output. */
export function paintFor({ stdout, env }: Terminal): (style: Style, text: string) => string {
  return painter(hasColours(stdout, env));
}

/** How long a line may be: Infinity in a pipe. Terminals that do not know their size say 0. */
export function columnsOf({ stdout }: Terminal): number {
  if (!stdout.isTTY) return Infinity;
  return stdout.columns > 0 ? stdout.columns : 80;
}

/** Prints a line, or several. */
export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** Prints a value as JSON: indented for people, in a line for pipes. */
export function printJson(terminal: Terminal, value: unknown): void {
  const text = JSON.stringify(value, undefined, terminal.stdout.isTTY ? 2 : undefined);
  // The same JSON, without characters that a terminal would obey: JSON escapes only the first of them. Line breaks are its own.
  print(
    terminal,
    text.replaceAll(OBEYED, (found) => Array.from({ length: found.length }, (_, at) => escaped(found, at)).join('')),
  );
}

const OBEYED = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

function escaped(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

/** Says something beside the output, such as a warning. */
export function say(terminal: Terminal, text: string, style: Style = 'yellow'): void {
  terminal.stderr.write(
    `${painter(hasColours(terminal.stderr, terminal.env))(style, text.split('\n').map(plainText).join('\n'))}\n`,
  );
}

/** Says why a command ends. The stack only with DEBUG. */
export function sayError(terminal: Terminal, error: CliError | Error): void {
  const paint = painter(hasColours(terminal.stderr, terminal.env));
  const { next } = error as CliError;
  terminal.stderr.write(`${paint('red', 'error:')} ${lines(error.message)}\n`);
  if (next !== undefined) terminal.stderr.write(`${paint('cyan', 'next:')}  ${lines(next)}\n`);
  if ((terminal.env['DEBUG'] ?? '') !== '') terminal.stderr.write(`${error.stack ?? ''}\n${causeOf(error)}`);
}

/** Messages may have lines of their own. */
function lines(text: string): string {
  return text.split('\n').map(plainText).join('\n       ');
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n` : '';
}
