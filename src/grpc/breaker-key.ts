import type { KeyCall, KeySpec, KeyValuePart } from '../policy/key-spec.ts';

/** The key of calls whose key part is missing in the request or the metadata. */
const MISSING = '';

/**
 * The key, and so the name, of a call's breaker: `<target>/<pkg.Service>/<Method>[value]...`, each part where the policy asks for it.
 * @throws what a key function throws, and TypeError when it returns something else than a text
 */
export function breakerKey(spec: KeySpec, call: KeyCall): string {
  if (spec.function !== undefined) {
    const key: unknown = spec.function(call);
    if (typeof key !== 'string' || key === '')
      throw new TypeError(`a key function must return a text that is not empty, and returned ${String(key)}`);
    return key;
  }
  let key = spec.target ? call.target : '';
  if (spec.method) key = key === '' ? call.method : `${key}/${call.method}`;
  for (const part of spec.values) key += `[${escapeValue(valueOf(part, call))}]`;
  return key;
}

function valueOf(part: KeyValuePart, call: KeyCall): string {
  if (part.from === 'metadata') return String(call.metadata.get(part.key)[0] ?? MISSING);
  let value: unknown = call.request;
  for (const field of part.path) value = fieldOf(value, field);
  return textOf(value);
}

/** A scalar as its text; a 64-bit number in an object of its own too; a whole message as JSON. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return MISSING;
  const text = (value as { toString(): string }).toString();
  return text.startsWith('[object ') ? JSON.stringify(value) : text;
}

/** A field of a message: a property of plain objects, a getter of google-protobuf's generated classes. */
function fieldOf(message: unknown, field: string): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const own = message as Record<string, unknown>;
  if (field in own) return own[field];
  const camel = field.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (camel in own) return own[camel];
  const getter = own[`get${camel.charAt(0).toUpperCase()}${camel.slice(1)}`];
  return typeof getter === 'function' ? getter.call(message) : undefined;
}

/** Keeps a value with brackets from looking like two values. */
function escapeValue(value: string): string {
  return /[[\]%]/.test(value) ? value.replace(/[[\]%]/g, encodeURIComponent) : value;
}
