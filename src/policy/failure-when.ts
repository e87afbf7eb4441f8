import { z } from 'zod';
import { fieldAt } from './message-field.ts';
import { codeOnly, noted } from './schema-notes.ts';

/** Whether a response message reports a failure, under whatever status it came. */
// biome-ignore lint/suspicious/noExplicitAny: the message type is the method's, which a policy does not know.
export type FailureWhen = (response: any) => boolean;

const FIELD = /^response\.[A-Za-z_]\w*(\.\w+)*$/;

/** A text that begins like a field is one. */
const failureText = noted(z.string().min(1), { pattern: '^(?!response\\.)|^response\\.[A-Za-z_]\\w*(\\.\\w+)*$' });

/** Reads what says that a response reports a failure: a function, the name of a registered one, or a field. */
export const failureWhenSchema: z.ZodType<FailureWhen | string> = z
  .union([codeOnly<FailureWhen>((value) => typeof value === 'function'), failureText], {
    error: 'expected a field such as response.error_message, a function (response) => boolean, or the name of a registered one',
  })
  .refine((value) => typeof value === 'function' || !value.startsWith('response.') || FIELD.test(value), {
    error: 'is no path of a field; expected one such as response.error_message',
  });

/** The predicate of a path such as `response.error_message`: the field is there, and is no default value. Undefined for a text that is none. */
export function fieldPredicate(text: string): FailureWhen | undefined {
  if (!FIELD.test(text)) return undefined;
  const path = text.split('.').slice(1);
  return (response) => {
    const value = fieldAt(response, path);
    if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
    return Boolean(value) && value !== '0' && !isZero(value);
  };
}

/** Whether it is a 64-bit number 0 in an object of its own, as loaders make them that are not told otherwise. */
function isZero(value: unknown): boolean {
  const { low, high } = Object(value) as { low?: unknown; high?: unknown };
  return low === 0 && high === 0;
}
