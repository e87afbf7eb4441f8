import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';

/** Answers with messages that the policy gives. */
export class MessageSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #encoded: readonly Buffer[];

  constructor({ name, when, timeoutMs }: SourceBasics, encoded: readonly Buffer[]) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#encoded = encoded;
  }

  answer(): SourceAnswer {
    // Decoded messages are views of their bytes, where they have fields of bytes, and are their caller's to change.
    return { messages: this.#encoded.map((bytes) => Buffer.from(bytes)), goodUntilMs: Infinity };
  }

  wouldAnswer(): boolean {
    return true;
  }
}
