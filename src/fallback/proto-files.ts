import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import type * as ProtoLoader from '@grpc/proto-loader';
import type { ConfigProblem } from '../core/errors.ts';
import type { ServiceSource } from '../policy/method-definitions.ts';

/** Fields are called as in the .proto file, and 64-bit numbers may be texts. */
const OPTIONS: ProtoLoader.Options = { keepCase: true, longs: String, defaults: false, oneofs: false };

/**
 * The services in `.proto` files and descriptor sets that a policy names.
 * @param files - as the policy has them
 * @param folder - what relative ones are relative to
 */
export function loadProtoFiles(
  files: readonly string[],
  folder: string,
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
      services.push(...servicesIn(loader, isAbsolute(file) ? file : resolve(folder, file)));
    } catch (error) {
      problems.push({ path, message: `${file} cannot be read: ${(error as Error).message}` });
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

function servicesIn(loader: typeof ProtoLoader, file: string): ServiceSource[] {
  const definition = file.endsWith('.proto')
    ? loader.loadSync(file, { ...OPTIONS, includeDirs: [dirname(file)] })
    : loader.loadFileDescriptorSetFromBuffer(readFileSync(file), OPTIONS);
  const found = Object.values(definition).filter((entry) => !('format' in entry));
  if (found.length === 0) throw new Error('it has no service; expected a .proto file or a descriptor set with one');
  return found as unknown as ServiceSource[];
}
