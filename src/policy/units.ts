import { z } from 'zod';

/** A duration for people: a number and a unit, such as `50ms`, `1.5s`, `2m`, `1h`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** A share for people: `50%`, or a number from 0 to 1. */
export type Share = number | `${number}%`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration such as `50ms`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** 0..1 of a share such as `50%` or `0.5`; undefined when it is none. */
export function parseShare(value: string | number): number | undefined {
  const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  const share = percent === null ? value : Number(percent[1]) / 100;
  return typeof share === 'number' && share >= 0 && share <= 1 ? share : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
}

const DURATION_EXPECTED = 'expected a duration with its unit, such as "50ms", "5s" or "2m"';

/** Reads a duration over zero, as milliseconds. */
export const durationSchema: z.ZodType<number> = z.unknown().transform((value, context) => {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms !== undefined && ms > 0 && ms < Infinity) return ms;
  const message =
    ms === 0 ? `${shown(value)} is zero; ${DURATION_EXPECTED}` : `${shown(value)} is not a duration; ${DURATION_EXPECTED}`;
  context.addIssue({ code: 'custom', message, input: value });
  return z.NEVER;
});

/** Reads a share as a number of 0..1. */
export const shareSchema: z.ZodType<number> = z.unknown().transform((value, context) => {
  const share = typeof value === 'string' || typeof value === 'number' ? parseShare(value) : undefined;
  if (share !== undefined) return share;
  context.addIssue({
    code: 'custom',
    message: `${shown(value)} is not a share; expected "50%" or a number from 0 to 1`,
    input: value,
  });
  return z.NEVER;
});

/** Reads a share over 0. */
export const positiveShareSchema: z.ZodType<number> = shareSchema.refine((share) => share > 0, {
  error: 'is zero, which every call reaches; expected a share over 0, such as "50%"',
});

/** Reads a share over 0 and under 1. */
export function openShareSchema(what: string, example: string): z.ZodType<number> {
  return shareSchema.refine((share) => share > 0 && share < 1, {
    error: `is no ${what}; expected a share between 0 and 1, such as "${example}"`,
  });
}

/** A duration, or the number 0 for none. */
export const durationOrNone: z.ZodType<number> = z.union([z.literal(0), durationSchema], {
  error: 'expected a duration such as "100ms", or 0 for none',
});

/** Reads a number within bounds; `what` says which, for people. */
export const atLeast = (what: string, min: number, max: number): z.ZodNumber =>
  z
    .number({ error: `expected ${what}` })
    .min(min, { error: `expected ${what}` })
    .max(max, { error: `expected ${what}` });

/** Reads a whole number from 1 on. */
export const atLeastOne = (what: string): z.ZodInt =>
  z.int({ error: `expected a whole number of ${what}, at least 1` }).min(1, { error: `expected at least 1 (${what})` });

/** A number of bytes for people: `512KB`, `64MB`, `1GB` (of 1024 each), or a plain number of bytes. */
export type Size = number | `${number}${'KB' | 'MB' | 'GB'}`;

const UNIT_BYTES = { KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 } as const;

/** Reads a size over zero, as bytes. */
export const sizeSchema: z.ZodType<number> = z.unknown().transform((value, context) => {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*(KB|MB|GB)$/.exec(value.trim()) : null;
  const bytes = match === null ? value : Number(match[1]) * UNIT_BYTES[match[2] as keyof typeof UNIT_BYTES];
  if (typeof bytes === 'number' && bytes >= 1 && bytes < Infinity) return Math.floor(bytes);
  const message = `${shown(value)} is not a size; expected a number of bytes, or one such as "512KB" or "64MB"`;
  context.addIssue({ code: 'custom', message, input: value });
  return z.NEVER;
});

/** Reads a text that is not empty; `what` says which, for people. */
export const textSchema = (what: string): z.ZodString =>
  z.string({ error: `expected ${what}` }).min(1, { error: `is empty; expected ${what}` });
