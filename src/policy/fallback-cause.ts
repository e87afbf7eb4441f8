import { z } from 'zod';
import { noted } from './schema-notes.ts';
import { type StatusName, statusCodeSchema } from './status-codes.ts';

/** Why a fallback is asked: the breaker refused the call, the call failed, or its answer came later than `staleAfter` allows. */
export type FallbackCause = 'rejected' | 'failed' | 'stale';

/** When a fallback, or a source of it, serves: a cause, or failures that ended with one of these status codes. */
export type FallbackWhen = FallbackCause | { failed: readonly StatusName[] };

/** When a fallback serves, as parsed. */
export interface CauseFilter {
  readonly rejected: boolean;
  /** Calls that count as failures, whatever their status. */
  readonly failed: boolean;
  /** Calls that ended with one of these status codes, whatever they count as. */
  readonly codes: ReadonlySet<number>;
  readonly stale: boolean;
}

/** Why a call wants a fallback. */
export interface Want {
  readonly cause: FallbackCause;
  /** The status code of a call that was let through. */
  readonly code?: number;
  /** It counts as failed; false for an answer that proves that the dependency is well. */
  readonly isFailure?: boolean;
}

/** Whether a filter lets a call through. */
export function serves(filter: CauseFilter, { cause, code, isFailure = true }: Want): boolean {
  if (cause === 'failed') return (filter.failed && isFailure) || (code !== undefined && filter.codes.has(code));
  return filter[cause];
}

/** Everything that one of the filters lets through. */
export function anyOf(filters: readonly CauseFilter[]): CauseFilter {
  return {
    rejected: filters.some((filter) => filter.rejected),
    failed: filters.some((filter) => filter.failed),
    codes: new Set(filters.flatMap((filter) => [...filter.codes])),
    stale: filters.some((filter) => filter.stale),
  };
}

/** Whether everything that `part` lets through is let through by `whole`, too. */
export function isWithin(part: CauseFilter, whole: CauseFilter): boolean {
  if ((part.rejected && !whole.rejected) || (part.stale && !whole.stale) || (part.failed && !whole.failed)) return false;
  return [...part.codes].every((code) => whole.codes.has(code) || whole.failed);
}

/** What a fallback serves where nothing else is said: refused calls, and late answers, which there are only with `staleAfter`. */
export const DEFAULT_CAUSES: CauseFilter = { rejected: true, failed: false, codes: new Set(), stale: true };

const EXPECTED = 'expected rejected, failed, stale or { failed: [UNAVAILABLE, ...] }';

const causeSchema = z.enum(['rejected', 'failed', 'stale'], { error: EXPECTED });

const failedSchema = z.strictObject({
  failed: z
    .array(statusCodeSchema, { error: 'expected a list of status names, such as [UNAVAILABLE]' })
    .min(1, { error: 'is empty; expected at least one status name' }),
});

const WHEN = {
  anyOf: [
    { enum: ['rejected', 'failed', 'stale'] },
    {
      type: 'object',
      properties: { failed: { type: 'array', minItems: 1, items: { $ref: '#/$defs/StatusName' } } },
      required: ['failed'],
      additionalProperties: false,
    },
  ],
};

/** Reads when something serves: one item or a list of them. */
export const causeFilterSchema: z.ZodType<CauseFilter> = noted(z.unknown(), {
  anyOf: [WHEN, { type: 'array', minItems: 1, items: WHEN }],
}).transform((value, context): CauseFilter => {
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0) context.addIssue({ code: 'custom', message: `is empty; ${EXPECTED}`, input: value });
  const filters = items.flatMap((item: unknown, index) => {
    const isList = typeof item === 'object' && item !== null && 'failed' in item;
    const read = isList ? failedSchema.safeParse(item) : causeSchema.safeParse(item);
    if (read.success) return [toFilter(read.data)];
    for (const { path, message, ...issue } of read.error.issues) {
      const at: PropertyKey[] = [...(Array.isArray(value) ? [index] : []), ...path];
      if (issue.code === 'unrecognized_keys')
        context.addIssue({ code: issue.code, keys: issue.keys, path: at, input: item as Record<string, unknown> });
      else context.addIssue({ code: 'custom', path: at, message, input: item });
    }
    return [];
  });
  return anyOf(filters);
});

function toFilter(when: z.output<typeof causeSchema> | z.output<typeof failedSchema>): CauseFilter {
  const codes = new Set(typeof when === 'object' ? when.failed : []);
  return { rejected: when === 'rejected', failed: when === 'failed', codes, stale: when === 'stale' };
}
