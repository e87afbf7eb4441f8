import { silence } from '../core/silence.ts';
import type { SourceAnswer } from './source.ts';

/** Whether something gives its values one by one, later. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as { [Symbol.asyncIterator]?: unknown } | null)?.[Symbol.asyncIterator] === 'function';
}

/**
 * A streamed answer, once its first message is there: before that, the next source may still answer.
 * @param encode - makes bytes of a message
 * @param onLeave - told when nobody reads on
 * @throws what the iterator throws before its first message
 */
export async function firstAndRest(
  iterator: AsyncIterator<unknown>,
  encode: (message: unknown) => Buffer,
  onLeave?: () => void,
): Promise<SourceAnswer> {
  const first = await iterator.next();
  if (first.done === true) return { messages: [], goodUntilMs: Infinity };
  const rest: AsyncIterator<Buffer, unknown> = {
    next: async () => {
      const { done, value } = await iterator.next();
      return done === true ? { done, value: undefined } : { value: encode(value) };
    },
    return: async () => {
      onLeave?.();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  try {
    return { messages: [encode(first.value)], rest, goodUntilMs: Infinity };
  } catch (error) {
    // Nobody reads on: what it holds would stay open.
    const leave = async () => iterator.return?.();
    silence(leave(), () => {});
    throw error;
  }
}
