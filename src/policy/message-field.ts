/** The value at a path of fields in a message, undefined where there is none. Lists take their elements' places as fields. */
export function fieldAt(message: unknown, path: readonly string[]): unknown {
  let value = message;
  for (const field of path) value = fieldOf(value, field);
  return value;
}

/** A field of a message: a property of plain objects, a getter of google-protobuf's generated classes. */
function fieldOf(message: unknown, field: string): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const own = message as Record<string, unknown>;
  if (field in own) return own[field];
  const camel = field.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (camel in own) return own[camel];
  const getter = `get${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
  const get = own[getter] ?? own[`${getter}List`];
  return typeof get === 'function' ? get.call(message) : undefined;
}
