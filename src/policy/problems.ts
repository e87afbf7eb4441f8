import type { z } from 'zod';
import type { ConfigProblem } from '../core/errors.ts';
import { shown } from './expected.ts';
import { nearestName } from './nearest-name.ts';
import { formatPath, type Path, type PathProblem, valueAt } from './paths.ts';

type Issue = z.core.$ZodIssue;

/** Checks a value against a schema. Problems get their path in the document and, for unknown options, the nearest known name. */
export function checkAgainst<T>(schema: z.ZodType<T>, value: unknown): { value: T } | { problems: ConfigProblem[] } {
  const { success, data, error } = schema.safeParse(value);
  if (success) return { value: data };
  return { problems: issuesOf(schema, error, value).map(({ path, message }) => ({ path: formatPath(path), message })) };
}

/** What is wrong with a value. */
export function problemsOf(schema: z.ZodType, value: unknown): PathProblem[] {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : issuesOf(schema, error, value);
}

/** What is wrong with a value that a schema has refused, for people. */
export function issuesOf(schema: z.ZodType, error: z.ZodError, value: unknown): PathProblem[] {
  return error.issues.flatMap((issue) => explain(issue, [], schema, value));
}

function explain(issue: Issue, before: Path, schema: z.ZodType, root: unknown): PathProblem[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const isMethods = path.length === 0 && keysAt(schema, ['methods', 0]).includes(key);
      const message = isMethods
        ? `is an option of an entry of methods; write it there: methods: [{ ${key}: ... }]`
        : unknownKey(key, keysAt(schema, path));
      return { path: [...path, key], message };
    });
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? 'is no name' }];
  const meant = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  if (meant !== undefined) return meant.flatMap((inner) => explain(inner, path, schema, root));
  return [{ path, message: withFound(issue.message, valueAt(root, path)) }];
}

/** Of the alternatives of a union, the only one whose kind the value is: what is wrong within it is worth telling. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const near = branches.filter((issues) => issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'));
  return near.length === 1 ? near[0] : undefined;
}

/** Says what was found, where a message says only what was expected. */
function withFound(message: string, value: unknown): string {
  if (!message.startsWith('expected')) return message;
  return `${value === undefined ? 'is missing' : `is ${shown(value)}`}; ${message}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  const options = known.length === 0 ? '' : `; known options: ${known.join(', ')}`;
  const hint = nearest === undefined ? options : `; did you mean "${nearest}"?`;
  return `is not an option here${hint}`;
}

interface Definition {
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

/** The options that a schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let found: readonly z.ZodType[] = [schema];
  for (const part of path) found = found.flatMap((inner) => stepInto(inner, part));
  return found.flatMap(alternatives).flatMap((inner) => Object.keys((inner.def as Definition).shape ?? {}));
}

function stepInto(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  return alternatives(schema).flatMap((inner) => {
    const { shape, element, valueType } = inner.def as Definition;
    const next = typeof part === 'number' ? element : (shape?.[String(part)] ?? valueType);
    return next === undefined ? [] : [next];
  });
}

/** The schemas that one is made of: what it wraps, and each alternative. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  const { options, innerType, in: input } = schema.def as Definition;
  const inner = options ?? [innerType ?? input].filter((one) => one !== undefined);
  return inner.length === 0 ? [schema] : inner.flatMap(alternatives);
}
