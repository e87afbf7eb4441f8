import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { Hook } from 'require-in-the-middle';
import type { createRegistered } from './create-registered.ts';
import type { GetInterceptingCall, interceptAll } from './grpc/intercept-all.ts';
import { REGISTERED, type Registration } from './registered-breakers.ts';
import { warn } from './warn.ts';
import type { Wired } from './wire-breakers.ts';

/** The file of grpc-js that makes the call object of every call, and its function that does. */
const FILE = /[\\/]client-interceptors(\.js)?$/;
const FUNCTION = 'getInterceptingCall';

/** OpenTelemetry's exporters speak gRPC, too. Their calls have no breaker unless a policy names their services. */
const TELEMETRY = '/opentelemetry.proto.collector.';

/** Loads modules of ours in the same turn, and only when they are needed: they import grpc-js, which the application, or its instrumentation, is to load first. */
const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/**
 * Protects every client of grpc-js in this process: in each copy of it that is loaded from now on, the function is replaced that makes the calls of all
 * clients. Once for a process, however often it is asked for. Never throws.
 */
export function registerProcess(): void {
  const global = globalThis as { [REGISTERED]?: Registration };
  if (global[REGISTERED] !== undefined) return;
  const registration: Registration = { breakers: undefined };
  global[REGISTERED] = registration;
  const wire = once(() => {
    const { createRegistered: create } = require(`./create-registered${EXTENSION}`) as {
      createRegistered: typeof createRegistered;
    };
    const wired = create({
      environment: process.env,
      say: (text) => void process.stderr.write(`${text}\n`),
      exit: (code) => process.exit(code),
    });
    registration.breakers = wired.breakers;
    return wired;
  });
  const copies = new Map<string, { isProtected: boolean }>();
  // Never taken back: it lives as long as the process.
  const hook = new Hook(['@grpc/grpc-js'], { internals: true }, (exports, name, folder = '') => {
    let copy = copies.get(folder);
    if (copy === undefined) {
      copy = { isProtected: false };
      copies.set(folder, copy);
      setImmediate(checkCopy, folder, copy);
    }
    if (FILE.test(name)) copy.isProtected = protectCopy(exports as Record<string, unknown>, folder, wire);
    return exports;
  });
  registration.hook = hook;
}

/** Replaces the function in one copy of grpc-js. False where it has none. */
function protectCopy(exports: Record<string, unknown>, folder: string, wire: () => Wired | undefined): boolean {
  const original = exports[FUNCTION] as GetInterceptingCall | undefined;
  if (typeof original !== 'function') return false;
  const isLeftAlone = (path: string): boolean => path.startsWith(TELEMETRY) && wire()?.isNamed(path.slice(1)) !== true;
  const load = once(() => {
    const { interceptAll: intercept } = require(`./grpc/intercept-all${EXTENSION}`) as { interceptAll: typeof interceptAll };
    const onWarning = (message: string, error: unknown) => warn(`${message}: ${versionOf(folder)}`, error);
    return intercept(original, () => wire()?.attachment, isLeftAlone, onWarning);
  });
  exports[FUNCTION] = (...args: Parameters<GetInterceptingCall>) => (load() ?? original)(...args);
  // Now rather than at the first call, which may be in a hurry; not in this turn, in which grpc-js is still being loaded.
  setImmediate(() => load() !== undefined && wire());
  return true;
}

/** Says that a copy of grpc-js is another one than is known here. */
function checkCopy(folder: string, { isProtected }: { readonly isProtected: boolean }): void {
  if (isProtected) return;
  warn(
    `${versionOf(folder)} makes calls in a way that grpc-breaker/register does not know; its clients have no breakers`,
    new Error(
      `there is no function ${FUNCTION} in its client-interceptors; attach by code: breakers.clientOptions(target), breakers.protect(client)`,
    ),
  );
}

function versionOf(folder: string): string {
  try {
    const { version } = require(`${folder}${sep}package.json`) as { readonly version?: string };
    return `@grpc/grpc-js ${version} in ${folder}`;
  } catch {
    return `@grpc/grpc-js in ${folder}`;
  }
}

/** What it makes, made once; undefined, with one warning, where that fails. */
function once<T>(make: () => T): () => T | undefined {
  let made: T | undefined;
  let isMade = false;
  return () => {
    if (isMade) return made;
    isMade = true;
    try {
      made = make();
    } catch (error) {
      warn('grpc-breaker/register failed; the gRPC clients of this process have no breakers', error);
    }
    return made;
  };
}
