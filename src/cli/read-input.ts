import { readFileSync } from 'node:fs';

/** What `-` is called inside: yargs takes it for an empty text. */
export const STANDARD_INPUT = '<stdin>';

/** Arguments with {@link STANDARD_INPUT} for `-`. */
export function withStandardInput(args: readonly string[]): string[] {
  return args.map((arg) => (arg === '-' ? STANDARD_INPUT : arg));
}

/** The text of a file, or of the standard input. @throws as `readFileSync` does */
export function readInput(file: string): string {
  return readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
}
