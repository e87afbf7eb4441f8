import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Another copy of grpc-js, as an application has it whose packages do not agree on a version. */
export interface CopyOfGrpcJs {
  readonly folder: string;
  readonly remove: () => void;
}

/**
 * Copies grpc-js into a folder `node_modules` of its own.
 * @param edits - by file under build/src: what is replaced by what, everywhere
 */
export function copyGrpcJs(edits: Readonly<Record<string, readonly (readonly [string, string])[]>> = {}): CopyOfGrpcJs {
  mkdirSync('temp', { recursive: true });
  // Within the repository, so that it finds the packages that it needs.
  const root = resolve(mkdtempSync('temp/register-'));
  const folder = join(root, 'node_modules', '@grpc', 'grpc-js');
  cpSync('node_modules/@grpc/grpc-js', folder, { recursive: true, filter: (file) => !/\.(map|d\.ts)$|[\\/]proto$/.test(file) });
  for (const [name, replacements] of Object.entries(edits)) {
    const file = join(folder, 'build', 'src', name);
    let text = readFileSync(file, 'utf8');
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`${name} has no "${from}"`);
      text = text.replaceAll(from, to);
    }
    writeFileSync(file, text);
  }
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}
