import { createRequire } from 'node:module';
import { Hook } from 'require-in-the-middle';
import type { createRegistered } from './create-registered.ts';
import { type GetInterceptingCall, GrpcJsCopy } from './grpc/grpc-js-copy.ts';
import type { interceptAll } from './grpc/intercept-all.ts';
import { REGISTERED, type Registration } from './registered-breakers.ts';
import { warn } from './warn.ts';
import type { Wired } from './wire-breakers.ts';

/** Files of grpc-js: the one with the function that makes the calls of all clients, and the one with the clients. */
const FILE = /^(.*[\\/]@grpc[\\/]grpc-js)[\\/]build[\\/]src[\\/](client-interceptors|client)\.js$/;

/** OpenTelemetry's exporters speak gRPC, too. Their calls have no breaker unless a policy names their services. */
const TELEMETRY = '/opentelemetry.proto.collector.';

/** Loads modules of ours in the same turn, and only when they are needed: they import grpc-js, which the application, or its instrumentation, is to load first. */
const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/**
 * Protects every client of grpc-js in this process: in each copy of it, loaded already or later, the function is replaced that makes the calls of all
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
  const copies = new Map<string, GrpcJsCopy>();
  const meet = (folder: string): GrpcJsCopy => {
    const known = copies.get(folder);
    if (known !== undefined) return known;
    const copy = new GrpcJsCopy(folder);
    copies.set(folder, copy);
    // All of it is loaded in one turn.
    setImmediate(check, copy);
    return copy;
  };
  const protect = (copy: GrpcJsCopy, part: string | undefined, exports: object): void => {
    if (part === 'client-interceptors')
      copy.replace(exports as Record<string, unknown>, (original) => makeCalls(original, copy, wire));
    if (part === 'client') copy.probe(exports);
  };
  for (const [file, module] of Object.entries(require.cache)) {
    const [, folder, part] = FILE.exec(file) ?? [];
    if (folder !== undefined && part === 'client-interceptors' && module !== undefined)
      protect(meet(folder), part, module.exports as object);
  }
  void new Hook(['@grpc/grpc-js'], { internals: true }, (exports, name, folder = '') => {
    const copy = meet(folder);
    try {
      protect(copy, FILE.exec(`/${name}`)?.[2], exports as object);
    } catch (error) {
      warn(`${copy.title} cannot be given breakers`, error);
    }
    return exports;
  });
}

/** What makes the calls of a copy from now on. */
function makeCalls(original: GetInterceptingCall, copy: GrpcJsCopy, wire: () => Wired | undefined): GetInterceptingCall {
  const isLeftAlone = (path: string): boolean => path.startsWith(TELEMETRY) && wire()?.isNamed(path.slice(1)) !== true;
  const load = once(() => {
    const { interceptAll: intercept } = require(`./grpc/intercept-all${EXTENSION}`) as { interceptAll: typeof interceptAll };
    const onWarning = (message: string, error: unknown) => warn(`${message}: ${copy.title}`, error);
    return intercept(original, () => wire()?.attachment, isLeftAlone, onWarning);
  });
  // Now rather than at the first call, which may be in a hurry; not in this turn, in which grpc-js is still being loaded.
  setImmediate(() => load() !== undefined && wire());
  return (...args) => (load() ?? original)(...args);
}

/** Says that a copy of grpc-js is another one than is known here. */
function check({ title, fault }: GrpcJsCopy): void {
  if (fault === undefined) return;
  const advice = 'attach by code: breakers.clientOptions(target), breakers.protect(client)';
  warn(
    `${title} makes calls in a way that grpc-breaker/register does not know; its clients have no breakers`,
    new Error(`${fault}; ${advice}`),
  );
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
