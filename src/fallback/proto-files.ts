import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type * as ProtoLoader from '@grpc/proto-loader';
import type { ConfigProblem } from '../core/errors.ts';
import type { ServiceSource } from '../policy/method-definitions.ts';
import { withMaps } from './descriptor-maps.ts';

/** Fields are called as in the .proto file, and 64-bit numbers may be texts. */
const OPTIONS: ProtoLoader.Options = { keepCase: true, longs: String, defaults: false, oneofs: false };

const EXPECTED = 'expected a .proto file, or a descriptor set (protoc --include_imports --descriptor_set_out)';

/**
 * The services in `.proto` files and descriptor sets that a policy names.
 * @param files - as the policy has them
 * @param folder - what relative ones are relative to
 * @param keepCase - fields are called as in the files; else in camel case, as stubs of proto-loader have them by default
 */
export function loadProtoFiles(
  files: readonly string[],
  folder: string,
  keepCase: boolean = true,
): { readonly services: readonly ServiceSource[]; readonly problems: readonly ConfigProblem[] } {
  const services: ServiceSource[] = [];
  const problems: ConfigProblem[] = [];
  if (files.length === 0) return { services, problems };
  const loader = findLoader();
  files.forEach((file, index) => {
    const path = `protos[${index}]`;
    if (loader === undefined) {
      problems.push({
        path,
        message: 'needs the package @grpc/proto-loader, which is not installed; npm install @grpc/proto-loader',
      });
      return;
    }
    try {
      const found = servicesIn(loader, resolve(folder, file), resolve(folder), { ...OPTIONS, keepCase });
      services.push(...found);
      if (found.length === 0) problems.push({ path, message: `${file} has no service; expected a file with one` });
    } catch (error) {
      problems.push({ path, message: `${file} cannot be read: ${(error as Error).message}; ${EXPECTED}` });
    }
  });
  return { services, problems };
}

/** An optional peer: only those who name files need it. */
function findLoader(): typeof ProtoLoader | undefined {
  try {
    return createRequire(import.meta.url)('@grpc/proto-loader') as typeof ProtoLoader;
  } catch {
    return undefined;
  }
}

function servicesIn(loader: typeof ProtoLoader, file: string, folder: string, options: ProtoLoader.Options): ServiceSource[] {
  if (file.endsWith('.proto')) return servicesOf(loader.loadSync(file, { ...options, includeDirs: foldersAbove(file, folder) }));
  const set = readFileSync(file);
  return withMaps(servicesOf(loader.loadFileDescriptorSetFromBuffer(set, options)), set);
}

function servicesOf(definition: ProtoLoader.PackageDefinition): ServiceSource[] {
  return Object.values(definition).filter((entry) => !('format' in entry)) as unknown as ServiceSource[];
}

/** Where a file's imports are looked for: most are relative to a root, which is one of the folders between that of the policy and its own. */
function foldersAbove(file: string, folder: string): string[] {
  const own = dirname(file);
  const way = relative(folder, own);
  if (way.startsWith('..') || isAbsolute(way)) return [own, folder];
  const folders = [own];
  for (let above = own; above !== folder; ) {
    above = dirname(above);
    folders.push(above);
  }
  return folders;
}
