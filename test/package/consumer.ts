import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../scripts/run.ts';

/** What `npm pack` says of the tarball. */
export interface Tarball {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** A stranger's project in an empty folder outside the repository, with the packed package installed. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: Tarball;
  /** Writes a file of the project and gives its name. */
  write(name: string, text: string): string;
  remove(): void;
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, output } = await run('npm', args, cwd);
  if (exitCode !== 0) throw new Error(`npm ${args.join(' ')}\n${output}`);
  return stdout;
}

/**
 * Packs the package, which must be built, and installs it.
 * @param packages - what else the project installs, as `npm install` takes it
 */
export async function createConsumer(packages: readonly string[]): Promise<Consumer> {
  const root = mkdtempSync(join(tmpdir(), 'grpc-breaker-consumer-'));
  const folder = join(root, 'project');
  mkdirSync(folder);
  const packed = await npm(['pack', '--json', '--pack-destination', root], process.cwd());
  const [tarball] = JSON.parse(packed) as Tarball[];
  if (tarball === undefined) throw new Error(`npm pack gave no tarball: ${packed}`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', join(root, tarball.filename), ...packages], folder);
  return {
    folder,
    tarball,
    write(name, text) {
      writeFileSync(join(folder, name), text);
      return name;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
