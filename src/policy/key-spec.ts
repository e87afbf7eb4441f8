import { z } from 'zod';
import { codeOnly, noted } from './schema-notes.ts';

/** What a key function is given. */
export interface KeyCall {
  /** The target that the client was attached with. */
  readonly target: string;
  /** `pkg.Service/Method`. */
  readonly method: string;
  /** The call's metadata. */
  readonly metadata: { get(key: string): readonly (string | Buffer)[] };
  /** The first request message; undefined when the caller ended its side without one. */
  readonly request: unknown;
}

/** A part of a breaker's key. The last one may end in `?`: a request without that field is no mistake, and its key has no such part. */
export type KeyPart = 'target' | 'method' | `request.${string}` | `metadata.${string}`;

/** A key made by code. */
export type KeyFunction = (call: KeyCall) => string;

/** A part of the key beyond target and method: a field of the request, or a metadata entry. */
export type KeyValuePart =
  | { readonly from: 'request'; readonly path: readonly string[]; readonly isOptional: boolean }
  | { readonly from: 'metadata'; readonly key: string };

/** What tells one breaker from another. */
export interface KeySpec {
  /** Code that makes the whole key; the other fields do not count then. */
  readonly function: KeyFunction | undefined;
  /** The name of the registered function that is to take its place; src/policy/registered.ts resolves it. */
  readonly name?: string;
  readonly target: boolean;
  readonly method: boolean;
  readonly values: readonly KeyValuePart[];
  /** The key cannot be known before the first request message. */
  readonly needsRequest: boolean;
  /** The key is the same for every call of a method on a target. */
  readonly isFixed: boolean;
}

/** As gRPC has them, without the binary ones. */
const METADATA_KEY = /^[0-9a-z_.-]+$/;
const FIELD = /^[A-Za-z_][\w]*(\.[A-Za-z_0-9]\w*)*$/;

const EXPECTED = 'expected a list such as [target, method, request.model_name]';

/** JSON Schema cannot say that only the last part may end in `?`. */
const partSchema = noted(z.string({ error: 'expected a part of a key: target, method, request.<field> or metadata.<key>' }), {
  pattern: '^(target|method|request\\.[A-Za-z_]\\w*(\\.\\w+)*\\??|metadata\\.[0-9A-Za-z_.-]+)$',
  not: { pattern: '^metadata\\..*-[bB][iI][nN]$' },
}).refine((part) => toValuePart(part) !== undefined || part === 'target' || part === 'method', {
  error: ({ input }) => `"${String(input)}" is not a key part; expected target, method, request.<field> or metadata.<key>`,
});

const partsSchema = noted(
  z
    .array(partSchema)
    .min(1, { error: 'is empty, which would be one breaker for everything; expected at least one of target, method' }),
  {},
).refine((parts) => parts.slice(0, -1).every((part) => !part.endsWith('?')), {
  error: 'has an optional part before others, so that two keys could not be told apart; put it last',
});

/** A text that reads like a part of a key is a list that was forgotten. */
const functionName = noted(z.string().min(1), { not: { pattern: '^(target|method)$|^(request|metadata)\\.' } }).refine(
  (text) => !/^(target|method)$|^(request|metadata)\./.test(text),
  { error: ({ input }) => `"${String(input)}" is no name of a function; ${EXPECTED}` },
);

/** Reads a key: a list of parts, the name of a registered function, or (in code) a function. */
export const keySchema: z.ZodType<KeySpec> = z
  .union([codeOnly<KeyFunction>((value) => typeof value === 'function'), functionName, partsSchema], {
    error: EXPECTED,
  })
  .transform((key) => {
    if (typeof key === 'function') return functionKey(key);
    return typeof key === 'string' ? { ...functionKey(unresolved), name: key } : partsKey(key);
  });

function unresolved(): string {
  throw new Error('the function of this key was not resolved');
}

/** Both make the same keys of the same calls. Functions are the same only where they are one. */
export function isSameKey(one: KeySpec, other: KeySpec): boolean {
  return one.function === other.function && JSON.stringify(one) === JSON.stringify(other);
}

/** The key of a policy that names none: target and method. */
export const DEFAULT_KEY: KeySpec = partsKey(['target', 'method']);

function toValuePart(part: string): KeyValuePart | undefined {
  const entry = part.startsWith('metadata.') ? part.slice('metadata.'.length).toLowerCase() : '';
  if (METADATA_KEY.test(entry) && !entry.endsWith('-bin')) return { from: 'metadata', key: entry };
  const isOptional = part.endsWith('?');
  const field = part.startsWith('request.') ? part.slice('request.'.length, isOptional ? -1 : undefined) : '';
  return FIELD.test(field) ? { from: 'request', path: field.split('.'), isOptional } : undefined;
}

function partsKey(parts: readonly string[]): KeySpec {
  const values = parts.map(toValuePart).filter((part) => part !== undefined);
  return {
    function: undefined,
    target: parts.includes('target'),
    method: parts.includes('method'),
    values,
    needsRequest: values.some((part) => part.from === 'request'),
    isFixed: values.length === 0,
  };
}

/** The key that code makes. */
export function functionKey(key: KeyFunction): KeySpec {
  return { function: key, target: false, method: false, values: [], needsRequest: true, isFixed: false };
}
