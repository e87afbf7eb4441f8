import type { z } from 'zod';
import type { ConfigProblem } from '../core/errors.ts';
import { nearestName } from './nearest-name.ts';

/** A path in a document, such as `methods[0].trip.failureRate`. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function unknownKeyProblem(path: readonly PropertyKey[], key: string, known: readonly string[]): ConfigProblem {
  const nearest = nearestName(key, known);
  const options = known.length === 0 ? '' : `; known options: ${known.join(', ')}`;
  const hint = nearest === undefined ? options : `; did you mean "${nearest}"?`;
  return { path: formatPath([...path, key]), message: `is not an option here${hint}` };
}

/** The options that a schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current: z.ZodType | undefined = schema;
  for (const part of [...path, undefined]) {
    while (current !== undefined && !('shape' in current.def) && !('element' in current.def)) {
      const def = current.def as { innerType?: z.ZodType; in?: z.ZodType };
      current = def.innerType ?? def.in;
    }
    const def = current?.def as { shape?: Record<string, z.ZodType>; element?: z.ZodType } | undefined;
    if (part === undefined) return Object.keys(def?.shape ?? {});
    current = typeof part === 'number' ? def?.element : def?.shape?.[String(part)];
  }
  return [];
}

/** Checks a value against a schema. Problems get their path in the document and, for unknown options, the nearest known name. */
export function checkAgainst<T>(schema: z.ZodType<T>, value: unknown): { value: T } | { problems: ConfigProblem[] } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const problems = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKeyProblem(issue.path, key, keysAt(schema, issue.path)))
      : [{ path: formatPath(issue.path), message: issue.message }],
  );
  return { problems };
}
