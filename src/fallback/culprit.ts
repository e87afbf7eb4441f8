/**
 * The path of the part of a message that its serialiser throws at, as deep as it can be told.
 * @param message - a message that the serialiser throws at
 * @param path - where it stands
 * @param encode - the serialiser
 */
export function culpritPath(message: unknown, path: string, encode: (message: unknown) => unknown): string {
  const [empty, parts] = partsOf(message, path);
  // Some serialisers ask for every field: to them, a part alone is as bad as the whole.
  if (empty === undefined || throws(encode, empty)) return path;
  const culprit = parts.find(({ alone }) => throws(encode, alone));
  if (culprit === undefined) return path;
  return culpritPath(culprit.value, culprit.path, (value) => encode(culprit.with(value)));
}

interface Part {
  readonly path: string;
  readonly value: unknown;
  /** The whole with nothing else in it. */
  readonly alone: unknown;
  /** The whole with nothing else but this in its place. */
  readonly with: (value: unknown) => unknown;
}

/** What a value is without its parts, and its parts; undefined for a scalar. */
function partsOf(value: unknown, path: string): readonly [empty: unknown, parts: readonly Part[]] {
  const isList = Array.isArray(value);
  if (!isList && (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))) return [undefined, []];
  const parts = Object.entries(value).map(([key, own]) => {
    const around = (inner: unknown) => (isList ? [inner] : { [key]: inner });
    return { path: isList ? `${path}[${key}]` : `${path}.${key}`, value: own as unknown, alone: around(own), with: around };
  });
  return [isList ? [] : {}, parts];
}

function throws(encode: (message: unknown) => unknown, message: unknown): boolean {
  try {
    encode(message);
    return false;
  } catch {
    return true;
  }
}
