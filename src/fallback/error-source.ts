import { encodeErrorDetails, type FallbackErrorConfig } from '../policy/fallback-error-options.ts';
import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';

/** Answers with a status, where an error is the right answer. */
export class ErrorSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #answer: SourceAnswer;

  /** @param service - the domain of its reason, where it names none */
  constructor({ name, when, timeoutMs }: SourceBasics, config: FallbackErrorConfig, service: string) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    const status = { code: config.code, details: config.message, richStatus: encodeErrorDetails(config, service) };
    this.#answer = { messages: [], status, goodUntilMs: Infinity };
  }

  answer(): SourceAnswer {
    return this.#answer;
  }

  wouldAnswer(): boolean {
    return true;
  }
}
