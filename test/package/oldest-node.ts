import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/run.ts';
import { cacheDirectory } from '../cache.ts';

/** The oldest Node that the package supports, as in `engines`. */
export const OLDEST_NODE = '22.12.0';

/**
 * Brings that Node, from the npm packages that hold the binaries of each platform, and gives its path.
 * @throws when it cannot be installed
 */
export async function oldestNode(): Promise<string> {
  const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = cacheDirectory(`node-${OLDEST_NODE}`);
  const binary = join(folder, 'node_modules', platform, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', `${platform}@${OLDEST_NODE}`];
    const { exitCode, output } = await run('npm', args, folder);
    if (exitCode !== 0) throw new Error(`npm ${args.join(' ')}\n${output}`);
  }
  return binary;
}
