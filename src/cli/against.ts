import { loadProtoFiles } from '../fallback/proto-files.ts';
import type { ServiceSource } from '../policy/method-definitions.ts';
import { usageError } from './cli-error.ts';

/**
 * The services in the files of `--against`, with both ways in which stubs may call fields: as in the files, and in camel case.
 * @throws CliError where one cannot be read
 */
export function servicesOf(files: readonly string[]): readonly (readonly ServiceSource[])[] {
  const { services, problems } = loadProtoFiles(files, '.');
  if (problems.length === 0) return [services, loadProtoFiles(files, '.', false).services];
  const lines = problems.map(({ message }) => message).join('\n');
  throw usageError(
    lines,
    'imports are looked for in the folders from the file up to this one: run it from the root of the imports',
  );
}
