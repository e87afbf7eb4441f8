import type { FallbackFunction } from '../policy/fallback-context.ts';
import type { FallbackCall } from '../policy/ports.ts';
import type { MessageCodec } from './message-codec.ts';
import type { FallbackSource, SourceAnswer, SourceBasics } from './source.ts';
import type { SourceContext } from './source-context.ts';
import { firstAndRest, isAsyncIterable } from './streamed-answer.ts';

/** Answers with what a function of the request returns, at once or later. Undefined means that it has no answer. */
export class FunctionSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #function: FallbackFunction;
  readonly #codec: MessageCodec;
  readonly #isStream: boolean;

  constructor({ name, when, timeoutMs }: SourceBasics, fn: FallbackFunction, codec: MessageCodec, isStream: boolean) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#function = fn;
    this.#codec = codec;
    this.#isStream = isStream;
  }

  answer(call: FallbackCall, context: SourceContext): SourceAnswer | Promise<SourceAnswer> {
    const result = this.#function(call.request, context);
    return isThenable(result)
      ? Promise.resolve(result).then((later) => this.#toAnswer(later, context))
      : this.#toAnswer(result, context);
  }

  /** It is the user's, and may do anything: it is taken to have an answer. */
  wouldAnswer(): boolean {
    return true;
  }

  #toAnswer(result: unknown, context: SourceContext): SourceAnswer | Promise<SourceAnswer> {
    if (result === undefined) return undefined;
    if (!this.#isStream) return { messages: [this.#codec.encode(result)], goodUntilMs: Infinity };
    if (isAsyncIterable(result)) {
      const encode = (message: unknown) => this.#codec.encode(message);
      // A generator that waits for something hears of its end by the signal alone: what ends it otherwise waits behind that.
      const onLeave = () => context.abort(new Error('nobody reads on'));
      return firstAndRest(result[Symbol.asyncIterator](), encode, onLeave);
    }
    if (!Array.isArray(result)) {
      const expected = 'must return a list of messages, or an async iterable of them';
      throw new TypeError(`the method streams its responses, so its fallback function ${expected}`);
    }
    return { messages: result.map((message) => this.#codec.encode(message)), goodUntilMs: Infinity };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
