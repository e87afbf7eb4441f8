import { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { noted } from './schema-notes.ts';

/** gRPC status codes by name (https://grpc.io/docs/guides/status-codes/), so that policy needs no gRPC library. */
export const STATUS_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A gRPC status code by its name. */
export type StatusName = keyof typeof STATUS_CODES;

const NAMES = Object.keys(STATUS_CODES) as StatusName[];

/** The name of a status code, such as `UNAVAILABLE`; `CODE_99` for one that gRPC does not define. */
export function statusName(code: number): string {
  return NAMES[code] ?? `CODE_${code}`;
}

/** The status codes that say that the dependency is sick; every other one proves that it answers. */
export const DEFAULT_FAILURE_CODES: readonly StatusName[] = [
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
  'UNKNOWN',
  'RESOURCE_EXHAUSTED',
  'DATA_LOSS',
];

const nameText = noted(z.string({ error: 'expected the name of a gRPC status, such as UNAVAILABLE' }), {
  id: 'StatusName',
  enum: NAMES.filter((name) => name !== 'OK'),
});

/** Reads the name of a status that is no success, as its code. */
export const statusCodeSchema: z.ZodType<number> = nameSchema(
  'OK is no failure; expected the name of another gRPC status, such as UNAVAILABLE',
);

/** Reads the name of a status that counts as a failure, as its code. */
export const failureCodeSchema: z.ZodType<number> = nameSchema('OK cannot be a failure; use classify to judge answers');

function nameSchema(whyNotOk: string): z.ZodType<number> {
  return nameText.transform((name, context) => {
    if (Object.hasOwn(STATUS_CODES, name) && name !== 'OK') return STATUS_CODES[name as StatusName];
    const nearest = nearestName(name.toUpperCase(), NAMES);
    const hint = nearest === undefined ? 'expected one such as UNAVAILABLE' : `did you mean ${nearest}?`;
    const message = name === 'OK' ? whyNotOk : `"${name}" is not a gRPC status; ${hint}`;
    context.addIssue({ code: 'custom', message, input: name });
    return z.NEVER;
  });
}
