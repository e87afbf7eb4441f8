import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The lines of a recording, as values; compressed or not. */
export function linesOf(file: string): unknown[] {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** Those that are calls. */
export function callsOf(file: string): (number | null)[][] {
  return linesOf(file).filter((line) => Array.isArray(line));
}

/** Those that are none. */
export function notesOf(file: string): Record<string, unknown>[] {
  return linesOf(file).filter((line): line is Record<string, unknown> => !Array.isArray(line));
}
