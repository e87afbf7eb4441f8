import { createRequire } from 'node:module';
import type * as ProtoLoader from '@grpc/proto-loader';
import type * as Reflection from '@grpc/reflection';
import type * as Health from 'grpc-health-check';

const requireHere = createRequire(import.meta.url);

/**
 * Loads `@grpc/proto-loader`.
 * @throws Error that names the command to install it with
 */
export function protoLoader(): typeof ProtoLoader {
  return needed('@grpc/proto-loader', 'the admin service') as typeof ProtoLoader;
}

/**
 * Loads `grpc-health-check`; undefined where it is not wanted, or not installed and not asked for.
 * @param wanted - the option: true asks for it
 * @throws Error that names the command to install it with
 */
export function healthPackage(wanted: boolean | undefined): typeof Health | undefined {
  return optional('grpc-health-check', wanted, 'health: true') as typeof Health | undefined;
}

/**
 * Loads `@grpc/reflection`; undefined where it is not wanted, or not installed and not asked for.
 * @param wanted - the option: true asks for it
 * @throws Error that names the command to install it with
 */
export function reflectionPackage(wanted: boolean | undefined): typeof Reflection | undefined {
  return optional('@grpc/reflection', wanted, 'reflection: true') as typeof Reflection | undefined;
}

function optional(name: string, wanted: boolean | undefined, option: string): unknown {
  if (wanted === false) return undefined;
  if (wanted === true) return needed(name, `the admin service with ${option}`);
  try {
    return needed(name, '');
  } catch {
    return undefined;
  }
}

/** `load` stands in for the loader of modules in tests. */
export function needed(name: string, what: string, load: (name: string) => unknown = requireHere): unknown {
  try {
    return load(name);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`${what} needs the package ${name}, which is not installed; npm install ${name}`, { cause: error });
  }
}
