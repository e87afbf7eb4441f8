import { z } from 'zod';
import { shown } from './expected.ts';
import { noted } from './schema-notes.ts';

/** A duration for people: a number and a unit, such as `50ms`, `1.5s`, `2m`, `1h`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** A share for people: `50%`, or a number from 0 to 1. */
export type Share = number | `${number}%`;

/** A number of bytes for people: `512KB`, `64MB`, `1GB` (of 1024 each), or a plain number of bytes. */
export type Size = number | `${number}${'KB' | 'MB' | 'GB'}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const UNIT_BYTES = { KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 } as const;

/** Numbers of digits that a number holds: not zero for being too small, not infinite for being too large. */
const NUMBER = String.raw`\d{1,15}(\.\d{1,9})?`;
const OVER_ZERO = String.raw`(?=[\d.]*[1-9])`;

const DURATION = new RegExp(`^(${NUMBER})(ms|s|m|h)$`);
const PERCENT = new RegExp(String.raw`^(${NUMBER})\s*%$`);
/** A size is a thousandth of its unit at least: a byte. */
const OVER_BYTE = String.raw`(?=\d*[1-9]|\d+\.\d{0,2}[1-9])`;
const SIZE = new RegExp(String.raw`^${OVER_BYTE}(${NUMBER})\s*(?<unit>KB|MB|GB)$`);

/** Milliseconds of a duration such as `50ms`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[3] as keyof typeof UNIT_MS];
}

/** 0..1 of a share such as `50%` or `0.5`; undefined when it is none. */
export function parseShare(value: string | number): number | undefined {
  const percent = typeof value === 'string' ? PERCENT.exec(value.trim()) : null;
  const share = percent === null ? value : Number(percent[1]) / 100;
  return typeof share === 'number' && share >= 0 && share <= 1 ? share : undefined;
}

/** Whole bytes of a size such as `64MB`, or of a number of bytes; undefined when it is none, or less than one. */
function parseSize(value: string | number): number | undefined {
  const match = typeof value === 'string' ? SIZE.exec(value.trim()) : null;
  const bytes = match === null ? value : Number(match[1]) * UNIT_BYTES[match.groups?.['unit'] as keyof typeof UNIT_BYTES];
  return typeof bytes === 'number' && bytes >= 1 && bytes < Infinity ? Math.floor(bytes) : undefined;
}

const DURATION_EXPECTED = 'expected a duration with its unit, such as "50ms", "5s" or "2m"';

function notADuration(value: unknown): string {
  if (value === undefined) return `is missing; ${DURATION_EXPECTED}`;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  return ms === 0 ? `${shown(value)} is zero; ${DURATION_EXPECTED}` : `${shown(value)} is not a duration; ${DURATION_EXPECTED}`;
}

/** Reads a duration over zero, as milliseconds. */
export const durationSchema: z.ZodType<number> = noted(
  z.unknown().transform((value, context) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    if (ms !== undefined && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: notADuration(value), input: value });
    return z.NEVER;
  }),
  { id: 'Duration', type: 'string', pattern: String.raw`^\s*${OVER_ZERO}${NUMBER}(ms|s|m|h)\s*$` },
);

/** A share as JSON Schema has it. `percent` is a pattern of percentages from 0 to 100. */
function shareNote(percent: string, bounds: object): object {
  return {
    anyOf: [
      { type: 'number', ...bounds },
      { type: 'string', pattern: String.raw`^\s*${percent}\s*%\s*$` },
    ],
  };
}

const HUNDRED = String.raw`0{0,12}100(\.0{1,9})?`;
const UNDER_HUNDRED = String.raw`0{0,13}\d{1,2}(\.\d{1,9})?`;
const BETWEEN = `${OVER_ZERO}${UNDER_HUNDRED}`;

/** Reads a share as a number of 0..1. */
function share(note: object, fits: (share: number) => boolean, refusal: (value: unknown) => string): z.ZodType<number> {
  return noted(
    z.unknown().transform((value, context) => {
      const read = typeof value === 'string' || typeof value === 'number' ? parseShare(value) : undefined;
      if (read !== undefined && fits(read)) return read;
      const what = value === undefined ? 'is missing' : `${shown(value)} is not a share`;
      const message = read === undefined ? `${what}; expected "50%" or a number from 0 to 1` : refusal(value);
      context.addIssue({ code: 'custom', message, input: value });
      return z.NEVER;
    }),
    { ...note },
  );
}

/** Reads a share from 0 to 1. */
export const shareSchema: z.ZodType<number> = share(
  shareNote(`(${HUNDRED}|${UNDER_HUNDRED})`, { minimum: 0, maximum: 1 }),
  () => true,
  () => '',
);

/** Reads a share over 0. */
export const positiveShareSchema: z.ZodType<number> = share(
  shareNote(`(${HUNDRED}|${BETWEEN})`, { exclusiveMinimum: 0, maximum: 1 }),
  (value) => value > 0,
  () => 'is zero, which every call reaches; expected a share over 0, such as "50%"',
);

/** Reads a share from 2% on. */
export const fromTwoPercentSchema: z.ZodType<number> = share(
  shareNote(String.raw`(${HUNDRED}|0{0,13}([2-9]|[1-9]\d)(\.\d{1,9})?)`, { minimum: 0.02, maximum: 1 }),
  (value) => value >= 0.02,
  (value) => `${shown(value)} is under 2%; expected a share from 2% to 100%, such as "20%"`,
);

/** Reads a share over 0 and under 1. */
export function openShareSchema(what: string, example: string): z.ZodType<number> {
  return share(
    shareNote(BETWEEN, { exclusiveMinimum: 0, exclusiveMaximum: 1 }),
    (value) => value > 0 && value < 1,
    (value) => `${shown(value)} is no ${what}; expected a share between 0 and 1, such as "${example}"`,
  );
}

/** Reads the share of the time that is left. */
export const timeShareSchema: z.ZodType<number> = share(
  shareNote(`(${HUNDRED}|${BETWEEN})`, { exclusiveMinimum: 0, maximum: 1 }),
  (value) => value > 0,
  (value) => `${shown(value)} leaves no time; expected a share over 0, such as "50%"`,
);

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

/** Reads a size over zero, as bytes. */
export const sizeSchema: z.ZodType<number> = noted(
  z.unknown().transform((value, context) => {
    const bytes = typeof value === 'string' || typeof value === 'number' ? parseSize(value) : undefined;
    if (bytes !== undefined) return bytes;
    const what = value === undefined ? 'is missing' : `${shown(value)} is not a size`;
    const message = `${what}; expected a number of bytes, or one such as "512KB" or "64MB"`;
    context.addIssue({ code: 'custom', message, input: value });
    return z.NEVER;
  }),
  {
    id: 'Size',
    anyOf: [
      { type: 'number', minimum: 1 },
      { type: 'string', pattern: String.raw`^\s*${OVER_BYTE}${NUMBER}\s*(KB|MB|GB)\s*$` },
    ],
  },
);

/** Reads a text that is not empty; `what` says which, for people. */
export const textSchema = (what: string): z.ZodString =>
  z.string({ error: `expected ${what}` }).min(1, { error: `is empty; expected ${what}` });
