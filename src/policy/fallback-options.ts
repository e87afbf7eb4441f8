import { z } from 'zod';
import { type FallbackCallConfig, type FallbackCallOptions, fallbackCallSchema } from './fallback-call-options.ts';
import { anyOf, type CauseFilter, causeFilterSchema, DEFAULT_CAUSES, type FallbackWhen, isWithin } from './fallback-cause.ts';
import type { FallbackFunction } from './fallback-context.ts';
import { type FallbackErrorConfig, type FallbackErrorOptions, fallbackErrorSchema } from './fallback-error-options.ts';
import { type LastGoodConfig, type LastGoodOptions, lastGoodSchema } from './last-good-options.ts';
import { codeOnly, noted } from './schema-notes.ts';
import { type Duration, durationSchema } from './units.ts';

/** Where a fallback answer comes from: exactly one of `message`, `messages`, `function`, `lastGood`, `call` and `error`. */
export interface FallbackSourceOptions {
  /** The response message. */
  message?: unknown;
  /** The response messages of a method with streamed responses. */
  messages?: readonly unknown[];
  /** Code that makes the response, or the name of a registered function. `fallbackFor` types it from the method. */
  function?: FallbackFunction | string;
  /** The last good answer to the same question. */
  lastGood?: LastGoodOptions;
  /** Another call. */
  call?: FallbackCallOptions;
  /** A status of your own, where an error is the right answer. */
  error?: FallbackErrorOptions;
  /** Its name in `fallbackOf`, metadata and metrics. @default the kind of source, such as `message` */
  name?: string;
  /** It serves only then. @default whenever the fallback is asked */
  when?: FallbackWhen | readonly FallbackWhen[];
  /** It is waited for at most so long, and never beyond the deadline. @default 1 s together with the others that name none */
  timeout?: Duration;
  /** It is for this method alone, `pkg.Service/Method`; `fallbackFor` sets it. @default every method of the policy */
  method?: string;
}

/** What callers get instead of an error. */
export interface FallbackOptions {
  /** When it is asked. @default every `when` of its sources, and `['rejected', 'stale']` where one names none */
  on?: FallbackWhen | readonly FallbackWhen[];
  /** The first source with an answer wins; one that throws, is too slow, or has none, is passed over. */
  sources: readonly FallbackSourceOptions[];
}

/** A source as parsed. Exactly one kind is there. */
export interface FallbackSourceConfig {
  readonly name: string;
  /** Undefined for whenever the fallback is asked. */
  readonly when: CauseFilter | undefined;
  /** Milliseconds; undefined for none of its own. */
  readonly timeoutMs: number | undefined;
  readonly method: string | undefined;
  readonly message?: unknown;
  readonly messages?: readonly unknown[] | undefined;
  readonly function?: FallbackFunction | string | undefined;
  readonly lastGood?: LastGoodConfig | undefined;
  readonly call?: FallbackCallConfig | undefined;
  readonly error?: FallbackErrorConfig | undefined;
}

/** A fallback as parsed. */
export interface FallbackConfig {
  readonly on: CauseFilter;
  readonly sources: readonly FallbackSourceConfig[];
}

const KINDS = ['message', 'messages', 'function', 'lastGood', 'call', 'error'] as const;

const FUNCTION_EXPECTED = 'expected a function (request, context) => response, or the name of a registered one';
const NAME_EXPECTED = 'expected up to 64 letters, digits, dots, dashes';
const METHOD_EXPECTED = 'expected a method such as pkg.Service/Method';

const sourceSchema = noted(
  z.strictObject(
    {
      message: z.unknown().optional(),
      messages: z.array(z.unknown(), { error: 'expected a list of messages' }).optional(),
      function: z
        .union(
          [z.string().min(1, { error: FUNCTION_EXPECTED }), codeOnly<FallbackFunction>((value) => typeof value === 'function')],
          { error: FUNCTION_EXPECTED },
        )
        .optional(),
      lastGood: lastGoodSchema.optional(),
      call: fallbackCallSchema.optional(),
      error: fallbackErrorSchema.optional(),
      name: z
        .string({ error: NAME_EXPECTED })
        .regex(/^[\w.-]{1,64}$/, { error: NAME_EXPECTED })
        .optional(),
      when: causeFilterSchema.optional(),
      timeout: durationSchema.optional(),
      method: z
        .string({ error: METHOD_EXPECTED })
        .regex(/^[\w.]+\/\w+$/, { error: METHOD_EXPECTED })
        .optional(),
    },
    { error: 'expected a source, such as { message: { ... } } or { lastGood: { maxAge: 60s } }' },
  ),
  { id: 'FallbackSourceOptions', oneOf: KINDS.map((kind) => ({ required: [kind] })) },
).transform((source, context): FallbackSourceConfig => {
  const kinds = KINDS.filter((kind) => source[kind] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'has no answer' : `has ${kinds.join(' and ')}`;
    context.addIssue({ code: 'custom', message: `${found}; expected exactly one of ${KINDS.join(', ')}`, input: source });
  }
  const { when, timeout: timeoutMs, method, name = kinds[0] ?? 'message', ...kind } = source;
  return { ...kind, name, when, timeoutMs, method };
});

/** Reads a fallback. */
export const fallbackSchema: z.ZodType<FallbackConfig> = noted(
  z.strictObject(
    {
      on: causeFilterSchema.optional(),
      sources: z
        .array(sourceSchema, { error: 'expected a list of sources' })
        .min(1, { error: 'is empty; expected at least one source' }),
    },
    { error: 'expected options with sources, such as { sources: [{ message: { ... } }] }' },
  ),
  { id: 'FallbackOptions' },
).transform(({ on, sources }, context) => {
  const asked = on ?? anyOf(sources.map(({ when }) => when ?? DEFAULT_CAUSES));
  sources.forEach(({ when }, index) => {
    if (when === undefined || isWithin(when, asked)) return;
    const message = 'names something that "on" does not ask this fallback for; add it to "on", or leave "on" out';
    context.addIssue({ code: 'custom', path: ['sources', index, 'when'], message, input: when });
  });
  return { on: asked, sources };
});
