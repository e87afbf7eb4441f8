/** A path in a policy, part by part. */
export type Path = readonly PropertyKey[];

/** A problem, and where it is. */
export interface PathProblem {
  readonly path: Path;
  readonly message: string;
}

/** A path in a policy, such as `methods[0].trip.failureRate`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** The parts of a path. A part with a dot in its name becomes two. */
export function parsePath(path: string): (string | number)[] {
  return Array.from(path.matchAll(/\[(\d+)\]|[^.[\]]+/g), (match) => (match[1] === undefined ? match[0] : Number(match[1])));
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
