import { z } from 'zod';
import { expected } from './expected.ts';
import { type ErrorInfo, encodeStatus, type PackedDetail } from './rich-status.ts';
import { codeOnly, noted } from './schema-notes.ts';
import { type StatusName, statusCodeSchema } from './status-codes.ts';
import { type Duration, durationSchema } from './units.ts';

/** A status, where an error is the right answer. */
export interface FallbackErrorOptions {
  /** The status code. */
  code: StatusName;
  /** Its text. @default none */
  message?: string;
  /** A machine-readable reason, as google.rpc.ErrorInfo has it: `UPPER_SNAKE_CASE`. @default no ErrorInfo */
  reason?: string;
  /** The domain of the reason. @default the method's service */
  domain?: string;
  /** More about the reason. */
  metadata?: Readonly<Record<string, string>>;
  /** How long to wait before trying again, as google.rpc.RetryInfo. @default none */
  retryAfter?: Duration;
  /** Further details: packed messages, by the full name of their type, as bytes or base64. */
  details?: readonly { readonly type: string; readonly value: Uint8Array | string }[];
}

/** {@link FallbackErrorOptions} as parsed. */
export interface FallbackErrorConfig {
  readonly code: number;
  readonly message: string;
  readonly info: (Omit<ErrorInfo, 'domain'> & { readonly domain: string | undefined }) | undefined;
  readonly retryDelayMs: number | undefined;
  readonly details: readonly PackedDetail[];
}

/** The google.rpc.Status of an error source, for `grpc-status-details-bin`; undefined where it has nothing to add. */
export function encodeErrorDetails(config: FallbackErrorConfig, service: string): Uint8Array | undefined {
  const { code, message, info, retryDelayMs, details } = config;
  if (info === undefined && retryDelayMs === undefined && details.length === 0) return undefined;
  const errorInfo = info === undefined ? undefined : { ...info, domain: info.domain ?? service };
  return encodeStatus({ code, message, errorInfo, retryDelayMs, details });
}

const BYTES_EXPECTED = expected('bytes, or a base64 text');

const bytesSchema = z.union(
  [
    codeOnly<Uint8Array>((value) => value instanceof Uint8Array),
    z.base64({ error: BYTES_EXPECTED }).transform((text): Uint8Array => Buffer.from(text, 'base64')),
  ],
  { error: BYTES_EXPECTED },
);

const REASON_EXPECTED = expected('UPPER_SNAKE_CASE of at most 63 characters, as google.rpc.ErrorInfo asks');
const DOMAIN_EXPECTED = expected('a text such as "models.example.com"');
const TYPE_EXPECTED = expected('a message type such as google.rpc.Help');

/** Reads a {@link FallbackErrorConfig}. */
export const fallbackErrorSchema: z.ZodType<FallbackErrorConfig> = noted(
  z.strictObject(
    {
      code: statusCodeSchema,
      message: z.string({ error: expected('a text') }).optional(),
      reason: z
        .string({ error: REASON_EXPECTED })
        .regex(/^[A-Z][A-Z0-9_]{0,62}$/, { error: REASON_EXPECTED })
        .optional(),
      domain: z.string({ error: DOMAIN_EXPECTED }).min(1, { error: DOMAIN_EXPECTED }).optional(),
      metadata: z
        .record(z.string(), z.string({ error: expected('a text') }), { error: expected('texts by name, such as { desk: fx }') })
        .optional(),
      retryAfter: durationSchema.optional(),
      details: z
        .array(
          z.strictObject(
            { type: z.string({ error: TYPE_EXPECTED }).regex(/^[\w.]+$/, { error: TYPE_EXPECTED }), value: bytesSchema },
            { error: expected('a packed message: { type, value }') },
          ),
          { error: expected('a list of packed messages: [{ type, value }]') },
        )
        .optional(),
    },
    { error: expected('an object with code, such as { code: ABORTED }') },
  ),
  { id: 'FallbackErrorOptions', dependentRequired: { domain: ['reason'], metadata: ['reason'] } },
).transform(({ code, message = '', reason, domain, metadata, retryAfter, details = [] }, context) => {
  for (const [key, value] of Object.entries({ domain, metadata })) {
    if (reason !== undefined || value === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [key],
      message: 'belongs to a reason, which is missing; add reason',
      input: value,
    });
  }
  const info = reason === undefined ? undefined : { reason, domain, metadata: metadata ?? {} };
  return { code, message, info, retryDelayMs: retryAfter, details };
});
