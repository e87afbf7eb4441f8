import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { ConfigProblem } from '../../src/core/errors.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { type WatchPolicyOptions, watchPolicy } from '../../src/policy/watch-policy.ts';
import type { WatchedPolicy } from '../../src/policy/watched-policy.ts';

/** A policy that is told from others by its bound. */
export const doc = (maxBreakers: number): string => `maxBreakers: ${maxBreakers}\nmethods: [{ mode: observe }]\n`;

/** A new folder, which goes with the test. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until something holds. */
export const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 4_000, interval: 5 });

/** A file that is watched. */
export interface Watching {
  readonly watched: WatchedPolicy;
  /** The bounds of policies, and the first problem of what is none. */
  readonly heard: (number | string)[];
  readonly end: () => void;
}

/** Watches a file until the test ends, and notes what it hears. */
export function watching(file: string, options: WatchPolicyOptions = {}): Watching {
  const watched = watchPolicy(file, { settle: '40ms', ...options });
  return { watched, ...listening(watched) };
}

/** Listens to one that is watched. */
export function listening(watched: WatchedPolicy): Omit<Watching, 'watched'> {
  const heard: (number | string)[] = [];
  const end = watched.subscribe({
    changed: ({ maxBreakers = 0 }: Policy) => heard.push(maxBreakers),
    refused: ([problem]: readonly ConfigProblem[]) => heard.push(`${problem?.path}: ${problem?.message}`),
  });
  onTestFinished(end);
  return { heard, end };
}

/** How files come to hold something else. */
export const WRITES: readonly (readonly [how: string, write: (file: string, text: string) => void])[] = [
  ['written in place', (file, text) => writeFileSync(file, text)],
  [
    'renamed over, as editors do',
    (file, text) => {
      writeFileSync(`${file}.swp`, text);
      renameSync(`${file}.swp`, file);
    },
  ],
  [
    'moved away and written anew, as vim does',
    (file, text) => {
      renameSync(file, `${file}~`);
      writeFileSync(file, text);
    },
  ],
  [
    'removed and written anew',
    (file, text) => {
      rmSync(file);
      writeFileSync(file, text);
    },
  ],
  [
    'emptied and filled again',
    (file, text) => {
      writeFileSync(file, '');
      writeFileSync(file, text);
    },
  ],
  [
    'put away with its folder',
    (file, text) => {
      const folder = join(file, '..');
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeFileSync(file, text);
    },
  ],
  [
    'in a folder that another one took the place of',
    (file, text) => {
      const folder = join(file, '..');
      mkdirSync(`${folder}.new`);
      writeFileSync(join(`${folder}.new`, 'breakers.yaml'), text);
      renameSync(folder, `${folder}.old`);
      renameSync(`${folder}.new`, folder);
      rmSync(`${folder}.old`, { recursive: true });
    },
  ],
];
