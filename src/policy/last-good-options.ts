import { z } from 'zod';
import { expected } from './expected.ts';
import { codeOnly, noted } from './schema-notes.ts';
import { type Duration, durationSchema, type Size, sizeSchema } from './units.ts';

/** Makes the key of a stored answer from the request, at once. Undefined: this call's answer is neither stored nor served. */
export type LastGoodKeyFunction = (
  // biome-ignore lint/suspicious/noExplicitAny: the message type is the method's, which a policy does not know.
  request: any,
  metadata: { get(key: string): readonly (string | Buffer)[] },
) => string | undefined;

/** The last good answer to the same question. For methods with one request and one response. */
export interface LastGoodOptions {
  /** An answer is never served when older than this, counted from the start of the call that brought it. */
  maxAge: Duration;
  /**
   * What makes two requests the same question: `request` for all of it, fields by their paths (`model_name`, `inputs.0.shape`), a function, or
   * its registered name. Method and target always belong to it. @default 'request'
   */
  key?: readonly string[] | LastGoodKeyFunction | string;
  /**
   * Metadata entries that tell one caller from another; the call's and the channel's credentials belong to it, too. An empty list shares answers
   * between all callers. @default ['authorization']
   */
  identity?: readonly string[];
  /** At most so many answers; the one not used for longest goes first. @default 10000 */
  maxEntries?: number;
  /** At most so many bytes of answers and their keys. @default '64MB' */
  maxBytes?: Size;
  /** A stored answer younger than this is not replaced by a newer one, which saves the copying. @default none: each good answer is stored */
  refreshAfter?: Duration;
}

/** {@link LastGoodOptions} as parsed. */
export interface LastGoodConfig {
  readonly maxAgeMs: number;
  /** Undefined for all of the request; a text is the name of a registered function. */
  readonly key: undefined | readonly (readonly string[])[] | LastGoodKeyFunction | string;
  /** Lower-case metadata keys. */
  readonly identity: readonly string[];
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly refreshAfterMs: number;
}

const FIELD = /^[A-Za-z_]\w*(\.\w+)*$/;

const ENTRIES_EXPECTED = expected('a whole number of answers from 1 to 1000000');

const FIELD_EXPECTED = expected('the path of a field of the request, such as model_name or inputs.0.shape');

const keySchema = z.union(
  [
    z
      .string()
      .min(1, { error: expected('"request", a list of fields such as [model_name], or the name of a registered function') }),
    codeOnly<LastGoodKeyFunction>((value) => typeof value === 'function'),
    z
      .array(z.string({ error: FIELD_EXPECTED }).regex(FIELD, { error: FIELD_EXPECTED }))
      .min(1, { error: 'is empty; expected at least one field, or "request" for all of it' }),
  ],
  { error: expected('"request", a list of fields such as [model_name], or a function') },
);

const IDENTITY_EXPECTED = expected('the name of a metadata entry, such as authorization');

/** Reads a {@link LastGoodConfig}. */
export const lastGoodSchema: z.ZodType<LastGoodConfig> = noted(
  z.strictObject(
    {
      maxAge: durationSchema,
      key: keySchema.optional(),
      identity: z
        .array(z.string({ error: IDENTITY_EXPECTED }).regex(/^[0-9a-zA-Z_.-]+$/, { error: IDENTITY_EXPECTED }), {
          error: expected('a list of metadata entries such as [authorization]; [] shares answers between callers'),
        })
        .optional(),
      maxEntries: z
        .int({ error: ENTRIES_EXPECTED })
        .min(1, { error: ENTRIES_EXPECTED })
        .max(1_000_000, { error: ENTRIES_EXPECTED })
        .optional(),
      maxBytes: sizeSchema.optional(),
      refreshAfter: durationSchema.optional(),
    },
    { error: expected('an object with maxAge, such as { maxAge: 60s }') },
  ),
  { id: 'LastGoodOptions' },
).transform(({ maxAge, key = 'request', identity = ['authorization'], maxEntries, maxBytes, refreshAfter }, context) => {
  if (refreshAfter !== undefined && refreshAfter >= maxAge) {
    const message =
      'is not shorter than maxAge, so that answers would be too old before they are replaced; expected a shorter one';
    context.addIssue({ code: 'custom', path: ['refreshAfter'], message, input: refreshAfter });
  }
  return {
    maxAgeMs: maxAge,
    key: key === 'request' ? undefined : Array.isArray(key) ? key.map((field) => field.split('.')) : key,
    identity: identity.map((entry) => entry.toLowerCase()),
    maxEntries: maxEntries ?? 10_000,
    maxBytes: maxBytes ?? 67_108_864,
    refreshAfterMs: refreshAfter ?? 0,
  };
});
