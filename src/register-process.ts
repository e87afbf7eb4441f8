import { createRequire } from 'node:module';
import { Hook } from 'require-in-the-middle';
import { type GetInterceptingCall, GrpcJsCopy } from './grpc/grpc-js-copy.ts';
import { LateParts } from './late-parts.ts';
import { REGISTERED, type Registration } from './registered-breakers.ts';
import { warn } from './warn.ts';

/** Files of grpc-js: the one with the function that makes the calls of all clients, and the one with the clients. */
const FILE = /^(.*[\\/]@grpc[\\/]grpc-js)[\\/]build[\\/]src[\\/](client-interceptors|client)\.js$/;

/** OpenTelemetry's exporters speak gRPC, too. Their calls have no breaker unless a policy names their services. */
const TELEMETRY = '/opentelemetry.proto.collector.';

/**
 * Protects every client of grpc-js in this process: in each copy of it, loaded already or later, the function is replaced that makes the calls of all
 * clients. Once for a process, however often it is asked for. Never throws.
 */
export function registerProcess(): void {
  const global = globalThis as { [REGISTERED]?: Registration };
  if (global[REGISTERED] !== undefined) return;
  const registration: Registration = { breakers: undefined };
  global[REGISTERED] = registration;
  const parts = new LateParts(registration);
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
  const protect = (folder: string, part: string | undefined, exports: unknown): void => {
    const copy = meet(folder);
    try {
      if (part === 'client-interceptors') copy.replace(exports as object, (original) => makeCalls(original, copy, parts));
      if (part === 'client') copy.probe(exports as object);
    } catch (error) {
      warn(`${copy.title} cannot be given breakers`, error);
    }
  };
  for (const [file, module] of Object.entries(createRequire(import.meta.url).cache)) {
    const [, folder, part] = FILE.exec(file) ?? [];
    if (folder !== undefined && part === 'client-interceptors') protect(folder, part, module?.exports);
  }
  // Never taken back: it lives as long as the process.
  registration.hook = new Hook(['@grpc/grpc-js'], { internals: true }, (exports, name, folder = '') => {
    protect(folder, FILE.exec(`/${name}`)?.[2], exports);
    return exports;
  });
}

/** What makes the calls of a copy from now on. */
function makeCalls(original: GetInterceptingCall, copy: GrpcJsCopy, parts: LateParts): GetInterceptingCall {
  const isLeftAlone = (path: string): boolean => path.startsWith(TELEMETRY) && parts.wired?.isNamed(path.slice(1)) !== true;
  const onWarning = (message: string, error: unknown) => warn(`${message}: ${copy.title}`, error);
  let make: GetInterceptingCall | undefined;
  const load = (): GetInterceptingCall => {
    make = parts.loaded?.interceptAll(original, () => parts.wired?.attachment, isLeftAlone, onWarning);
    // Without it, such a call has no breaker; those that come when the package is there have.
    return make ?? original;
  };
  // Now rather than at the first call, which may be in a hurry; not in this turn, in which grpc-js is still being loaded.
  setImmediate(() => void parts.wired);
  return (...args) => (make ?? load())(...args);
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
