import type { FallbackCause } from '../policy/fallback-options.ts';
import type { FallbackSource, Messages } from './source.ts';

/** Answers with messages that the policy gives. */
export class MessageSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackCause | undefined;
  readonly #encoded: readonly Buffer[];

  constructor(name: string, when: FallbackCause | undefined, encoded: readonly Buffer[]) {
    this.name = name;
    this.when = when;
    this.#encoded = encoded;
  }

  answer(): Messages {
    return this.#encoded;
  }
}
