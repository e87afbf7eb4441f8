import type { FallbackCause, FallbackFunction } from '../policy/fallback-options.ts';
import type { FallbackCall } from '../policy/ports.ts';
import type { MessageCodec } from './message-codec.ts';
import type { FallbackSource, Messages } from './source.ts';

/** Answers with what a function of the request returns, at once or later. Undefined means that it has no answer. */
export class FunctionSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackCause | undefined;
  readonly #function: FallbackFunction;
  readonly #codec: MessageCodec;
  readonly #isStream: boolean;

  constructor(name: string, when: FallbackCause | undefined, fn: FallbackFunction, codec: MessageCodec, isStream: boolean) {
    this.name = name;
    this.when = when;
    this.#function = fn;
    this.#codec = codec;
    this.#isStream = isStream;
  }

  answer(call: FallbackCall): Messages | Promise<Messages> {
    const { request, ...context } = call;
    const result = this.#function(request, context);
    return isThenable(result) ? Promise.resolve(result).then((later) => this.#toMessages(later)) : this.#toMessages(result);
  }

  #toMessages(result: unknown): Messages {
    if (result === undefined) return undefined;
    if (!this.#isStream) return [this.#codec.encode(result)];
    if (!Array.isArray(result))
      throw new TypeError('the method streams its responses, so its fallback function must return a list of messages');
    return result.map((message) => this.#codec.encode(message));
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
