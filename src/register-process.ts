import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hook } from 'require-in-the-middle';
import type * as CreateRegistered from './create-registered.ts';
import type { GetInterceptingCall } from './grpc/intercept-all.ts';
import { REGISTERED, type Registration } from './registered-breakers.ts';
import { warn } from './warn.ts';
import type { Wired } from './wire-breakers.ts';

/** The file of grpc-js that makes the call object of every call, and its function that does. */
const FILE = /[\\/]build[\\/]src[\\/]client-interceptors(\.js)?$/;
const FUNCTION = 'getInterceptingCall';

/** The folder of a copy of grpc-js that is loaded already. */
const LOADED = /^(.*[\\/]@grpc[\\/]grpc-js)[\\/]build[\\/]src[\\/]client-interceptors\.js$/;

/** A file of its code: some ask for its package.json alone. */
const CODE = /[\\/]build[\\/]/;

/** OpenTelemetry's exporters speak gRPC, too. Their calls have no breaker unless a policy names their services. */
const TELEMETRY = '/opentelemetry.proto.collector.';

/** Loads what is needed of this package, and only when it is: it imports grpc-js, which the application, or its instrumentation, is to load first. */
const require = createRequire(import.meta.url);

/**
 * Protects every client of grpc-js in this process: in each copy of it the function is replaced that makes the calls of all clients. Once for a process,
 * however often it is asked for. Never throws.
 */
export function registerProcess(): void {
  const global = globalThis as { [REGISTERED]?: Registration };
  if (global[REGISTERED] !== undefined) return;
  const registration: Registration = { breakers: undefined };
  global[REGISTERED] = registration;
  const parts = new LateParts(registration);
  const copies = new Map<string, { isProtected: boolean }>();
  for (const [file, loaded] of Object.entries(require.cache)) {
    const folder = LOADED.exec(file)?.[1];
    if (folder === undefined || loaded === undefined) continue;
    copies.set(folder, { isProtected: protectCopy(loaded.exports as Record<string, unknown>, folder, parts) });
  }
  // Never taken back: it lives as long as the process.
  registration.hook = new Hook(['@grpc/grpc-js'], { internals: true }, (exports, name, folder = '') => {
    let copy = copies.get(folder);
    if (copy === undefined && (CODE.test(name) || name === '@grpc/grpc-js')) {
      copy = { isProtected: false };
      copies.set(folder, copy);
      setImmediate(checkCopy, folder, copy);
    }
    if (copy?.isProtected === false && FILE.test(name))
      copy.isProtected = protectCopy(exports as Record<string, unknown>, folder, parts);
    return exports;
  });
}

/** What is loaded late, and made of it. */
class LateParts {
  readonly #registration: Registration;
  #loaded: typeof CreateRegistered | undefined;
  #wired: Wired | undefined;
  #isImported = false;

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /** This package, loaded in this very turn; undefined where that cannot be, because the application is just importing it itself. */
  get loaded(): typeof CreateRegistered | undefined {
    if (this.#loaded !== undefined || this.#isImported) return this.#loaded;
    try {
      this.#loaded = require(fileURLToPath(CREATE_REGISTERED)) as typeof CreateRegistered;
    } catch {
      this.#isImported = true;
      void this.#import();
    }
    return this.#loaded;
  }

  /** The breakers; undefined while they cannot be made. */
  get wired(): Wired | undefined {
    const { loaded } = this;
    if (loaded === undefined || this.#wired !== undefined) return this.#wired;
    try {
      this.#wired = loaded.createRegistered({
        environment: process.env,
        say: (text) => void process.stderr.write(`${text}\n`),
        exit: (code) => process.exit(code),
      });
      this.#registration.breakers = this.#wired.breakers;
    } catch (error) {
      this.#loaded = undefined;
      this.#isImported = true;
      warn(FAILED, error);
    }
    return this.#wired;
  }

  async #import(): Promise<void> {
    try {
      this.#loaded = (await import(CREATE_REGISTERED)) as typeof CreateRegistered;
    } catch (error) {
      warn(FAILED, error);
    }
  }
}

const CREATE_REGISTERED = new URL(
  `./create-registered${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`,
  import.meta.url,
).href;
const FAILED = 'grpc-breaker/register failed; the gRPC clients of this process have no breakers';

/** Replaces the function in one copy of grpc-js. False where it has none. */
function protectCopy(exports: Record<string, unknown>, folder: string, parts: LateParts): boolean {
  const original = exports[FUNCTION] as GetInterceptingCall | undefined;
  if (typeof original !== 'function') return false;
  let replaced: GetInterceptingCall | undefined;
  const replace = (): GetInterceptingCall => {
    const { loaded } = parts;
    // Such a call has no breaker; those that come when the package is there have.
    if (loaded === undefined) return original;
    const isLeftAlone = (path: string): boolean => path.startsWith(TELEMETRY) && parts.wired?.isNamed(path.slice(1)) !== true;
    const onWarning = (message: string, error: unknown) => warn(`${message}: ${versionOf(folder)}`, error);
    replaced = loaded.interceptAll(original, () => parts.wired?.attachment, isLeftAlone, onWarning);
    return replaced;
  };
  exports[FUNCTION] = (...args: Parameters<GetInterceptingCall>) => (replaced ?? replace())(...args);
  // Now rather than at the first call, which may be in a hurry; not in this turn, in which grpc-js is still being loaded.
  setImmediate(() => void parts.wired);
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
