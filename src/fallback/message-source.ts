import type { FallbackCause } from '../policy/fallback-options.ts';
import type { MessageCodec } from './message-codec.ts';
import type { FallbackSource, Messages } from './source.ts';

/** Answers with messages that the policy gives, each call with copies of its own. */
export class MessageSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackCause | undefined;
  readonly #codec: MessageCodec;
  readonly #encoded: readonly Buffer[];

  constructor(name: string, when: FallbackCause | undefined, codec: MessageCodec, encoded: readonly Buffer[]) {
    this.name = name;
    this.when = when;
    this.#codec = codec;
    this.#encoded = encoded;
  }

  answer(): Messages {
    return this.#encoded.map((bytes) => this.#codec.decode(bytes));
  }
}
