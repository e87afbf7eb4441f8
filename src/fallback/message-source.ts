import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';

/** Answers with messages that the policy gives. */
export class MessageSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #answer: SourceAnswer;

  constructor({ name, when, timeoutMs }: SourceBasics, encoded: readonly Buffer[]) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#answer = { messages: encoded, goodUntilMs: Infinity };
  }

  answer(): SourceAnswer {
    return this.#answer;
  }
}
