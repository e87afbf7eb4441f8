import { z } from 'zod';
import type { Rejection } from '../core/snapshot.ts';

/** When a fallback answers: the breaker refused the call, or the call itself failed. */
export type FallbackCause = 'rejected' | 'failed';

/** What a fallback function is told besides the request. */
export interface FallbackContext {
  /** Whether the breaker refused the call, or the call failed. */
  readonly cause: FallbackCause;
  /** The breaker's name. */
  readonly breaker: string;
  /** `pkg.Service/Method`. */
  readonly method: string;
  /** Why the breaker refuses, for `rejected`. */
  readonly rejection?: Rejection;
  /** How the call failed, for `failed`. */
  readonly status?: { readonly code: number; readonly details: string };
  /** Milliseconds left until the call's deadline, Infinity without one. */
  readonly deadlineLeftMs: number;
}

/**
 * Makes a fallback message (for streamed responses: a list of messages) from the request, at once or later.
 * Undefined means that it has none; the next source is asked. For streamed requests the request is the first message, if there was one.
 */
// biome-ignore lint/suspicious/noExplicitAny: the message types are the method's, which a policy does not know.
export type FallbackFunction = (request: any, context: FallbackContext) => unknown;

/** Where a fallback answer comes from: exactly one of `message`, `messages` and `function`. */
export interface FallbackSourceOptions {
  /** The response message. */
  message?: unknown;
  /** The response messages of a method with streamed responses. */
  messages?: readonly unknown[];
  /** Code that makes the response. */
  function?: FallbackFunction;
  /** Its name in `fallbackOf`, metadata and metrics. @default the kind of source, such as `message` */
  name?: string;
  /** It serves only then. @default whenever the fallback is asked */
  when?: FallbackCause;
}

/** What callers get instead of an error. */
export interface FallbackOptions {
  /** When it is asked. @default every `when` of its sources, or `['rejected']` where they name none */
  on?: readonly FallbackCause[];
  /** The first source with an answer wins; one that throws, or has none, is passed over. */
  sources: readonly FallbackSourceOptions[];
}

/** A fallback as parsed. */
export interface FallbackConfig {
  readonly on: readonly FallbackCause[];
  readonly sources: readonly (FallbackSourceOptions & { readonly name: string })[];
}

const KINDS = ['message', 'messages', 'function'] as const;
const cause = z.enum(['rejected', 'failed'], { error: 'expected rejected or failed' });

const sourceSchema = z
  .strictObject({
    message: z.unknown().optional(),
    messages: z.array(z.unknown(), { error: 'expected a list of messages' }).optional(),
    function: z
      .custom<FallbackFunction>((value) => value === undefined || typeof value === 'function', {
        error: 'expected a function (request, context) => response',
      })
      .optional(),
    name: z
      .string()
      .regex(/^[\w.-]{1,64}$/, { error: 'expected up to 64 letters, digits, dots, dashes' })
      .optional(),
    when: cause.optional(),
  })
  .transform((source, context) => {
    const kinds = KINDS.filter((kind) => source[kind] !== undefined);
    if (kinds.length !== 1) {
      const found = kinds.length === 0 ? 'has none of them' : `has ${kinds.join(' and ')}`;
      context.addIssue({ code: 'custom', message: `expected exactly one of ${KINDS.join(', ')}; it ${found}`, input: source });
    }
    return { ...source, name: source.name ?? kinds[0] ?? 'message' };
  });

/** Reads a fallback. */
export const fallbackSchema: z.ZodType<FallbackConfig> = z
  .strictObject({
    on: z.array(cause).min(1, { error: 'is empty; expected rejected, failed or both' }).optional(),
    sources: z
      .array(sourceSchema, { error: 'expected a list of sources' })
      .min(1, { error: 'is empty; expected at least one source' }),
  })
  .transform(({ on, sources }, context) => {
    const named = sources.map((source) => source.when).filter((when) => when !== undefined);
    const asked = on ?? (named.length > 0 ? [...new Set(named)] : ['rejected' as const]);
    sources.forEach(({ when }, index) => {
      if (when === undefined || asked.includes(when)) return;
      const message = `is ${when}, but "on" asks this fallback only when ${asked.join(', ')}; add ${when} to "on" or drop this source`;
      context.addIssue({ code: 'custom', path: ['sources', index, 'when'], message, input: when });
    });
    return { on: asked, sources: sources as FallbackConfig['sources'] };
  });
