import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as CreateRegistered from './create-registered.ts';
import type { Registration } from './registered-breakers.ts';
import { warn } from './warn.ts';
import type { Wired } from './wire-breakers.ts';

const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const CREATE_REGISTERED = new URL(`./create-registered${EXTENSION}`, import.meta.url).href;

/**
 * What register loads late, and makes of it: all that imports grpc-js, which the application, or its instrumentation, is to load first.
 * Nothing in it throws.
 */
export class LateParts {
  readonly #registration: Registration;
  /** What relative files are relative to: the application may go elsewhere. */
  readonly #folder: string = process.cwd();
  #loaded: typeof CreateRegistered | undefined;
  #wired: Wired | undefined;
  #isImported = false;
  #isWired = false;

  /** @param registration - where the breakers are put when they are made */
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

  /** The breakers; undefined where there are none yet, or they cannot be made. */
  get wired(): Wired | undefined {
    if (this.#wired !== undefined) return this.#wired;
    const { loaded } = this;
    // Once: the module of options may make calls while it is being loaded, and what has failed would fail again.
    if (loaded === undefined || this.#isWired) return undefined;
    this.#isWired = true;
    try {
      this.#wired = loaded.createRegistered({
        environment: process.env,
        folder: this.#folder,
        say: (text) => void process.stderr.write(`${text}\n`),
        exit: (code) => process.exit(code),
      });
      this.#registration.breakers = this.#wired.breakers;
    } catch (error) {
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

const FAILED = 'grpc-breaker/register failed; the gRPC clients of this process have no breakers';
