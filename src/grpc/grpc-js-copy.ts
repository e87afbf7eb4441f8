import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The one function that grpc-js asks for the call object of every call of every client. */
export type GetInterceptingCall = (
  interceptors: unknown,
  method: unknown,
  options: unknown,
  channel: unknown,
  ...more: unknown[]
) => unknown;

const FUNCTION = 'getInterceptingCall';
const requireHere = createRequire(import.meta.url);

/** A call object that does nothing. */
const NO_CALL = { start() {}, sendMessage() {}, halfClose() {}, cancelWithStatus() {}, startRead() {} };

/** One copy of grpc-js in this process; there may be several, of several versions. */
export class GrpcJsCopy {
  /** Where it is installed. */
  readonly folder: string;
  /** What a client has for a channel that is made to see whether it asks. */
  readonly #probe = { getTarget: () => 'probe', close: () => {} };
  #isReplaced = false;
  #isAsked: boolean | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Its name and version, for people. */
  get title(): string {
    try {
      const { version } = requireHere(join(this.folder, 'package.json')) as { readonly version?: string };
      return `@grpc/grpc-js ${version} in ${this.folder}`;
    } catch {
      return `@grpc/grpc-js in ${this.folder}`;
    }
  }

  /**
   * Replaces the function, where its module has it.
   * @param exports - of `client-interceptors.js`. grpc-js calls its functions as properties of this object
   */
  replace(exports: { [FUNCTION]?: unknown }, make: (original: GetInterceptingCall) => GetInterceptingCall): void {
    const original = exports[FUNCTION] as GetInterceptingCall | undefined;
    if (typeof original !== 'function' || this.#isReplaced) return;
    const replaced = make(original);
    exports[FUNCTION] = (...args: Parameters<GetInterceptingCall>) => {
      if (args[3] !== this.#probe) return replaced(...args);
      this.#isAsked = true;
      return NO_CALL;
    };
    this.#isReplaced = true;
  }

  /**
   * Looks whether clients do ask the function for their calls, with a client that has no connection.
   * @param exports - of `client.js`, before anybody else has changed its class
   */
  probe({ Client }: { readonly Client?: unknown }): void {
    if (typeof Client !== 'function') return;
    this.#isAsked ??= false;
    try {
      const client = Reflect.construct(Client, ['probe', {}, { channelOverride: this.#probe }]) as {
        makeUnaryRequest(...args: unknown[]): unknown;
      };
      client.makeUnaryRequest(
        '/grpc_breaker.Probe/Ask',
        () => Buffer.alloc(0),
        String,
        '',
        () => {},
      );
    } catch {
      // It asked, or it did not.
    }
  }

  /** Why calls of this copy have no breakers, though it is loaded; undefined where they have, or where only parts of it are loaded. */
  get fault(): string | undefined {
    if (!this.#isReplaced) return this.#isLoaded() ? `there is no function ${FUNCTION} in its client-interceptors.js` : undefined;
    return this.#isAsked === false ? `its clients do not ask the function ${FUNCTION} for their calls` : undefined;
  }

  #isLoaded(): boolean {
    try {
      return requireHere.cache[requireHere.resolve(this.folder)]?.loaded === true;
    } catch {
      return false;
    }
  }
}
