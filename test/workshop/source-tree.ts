import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The root of the repository. */
export const REPOSITORY = join(import.meta.dirname, '../..');

/** Files by their path, with their text. */
export type Files = Readonly<Record<string, string>>;

/** A small project in a temporary folder. */
export interface SourceTree {
  readonly folder: string;
  remove(): void;
}

/**
 * Lays out a small project with this repository's packages.
 * @param configurations - files of this repository to copy, so that a test proves what `npm run check` uses
 */
export function layOut(files: Files, configurations: readonly string[]): SourceTree {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-tree-'));
  for (const name of ['package.json', 'tsconfig.json', ...configurations]) {
    copyFileSync(join(REPOSITORY, name), join(folder, name));
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'dir');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
