import { createHash } from 'node:crypto';
import { silence } from '../core/silence.ts';
import type { KeyCall, KeySpec, KeyValuePart } from '../policy/key-spec.ts';
import { fieldAt } from '../policy/message-field.ts';

/** The key of calls whose key part is missing in the request or the metadata. */
const MISSING = '';

/** A longer text in a key is cut: keys are names on spans and metrics, and callers may send what they like. */
const LONGEST = 128;

/**
 * The key, and so the name, of a call's breaker: `<target>/<pkg.Service>/<Method>[value]...`, each part where the policy asks for it.
 * @throws what a key function throws, and TypeError when it returns something else than a text
 */
export function breakerKey(spec: KeySpec, call: KeyCall): string {
  if (spec.function !== undefined) {
    const key: unknown = spec.function(call);
    if (typeof key === 'string' && key !== '') return bounded(key);
    silence(key, () => {});
    throw new TypeError('a key function must return a text that is not empty, at once');
  }
  let key = spec.target ? call.target : '';
  if (spec.method) key = key === '' ? call.method : `${key}/${call.method}`;
  for (const part of spec.values) {
    const text = textOf(valueOf(part, call.metadata, call.request));
    if (text !== MISSING || part.from !== 'request' || !part.isOptional) key += `[${escapeValue(bounded(text))}]`;
  }
  return key;
}

/** Where a single value is all that changes from key to key, and it is a short text: that text. */
export function onlyText(spec: KeySpec, metadata: KeyCall['metadata'], request: unknown): string | undefined {
  const part = spec.values.length === 1 ? spec.values[0] : undefined;
  const value = part === undefined ? undefined : valueOf(part, metadata, request);
  return typeof value === 'string' && value.length <= LONGEST ? value : undefined;
}

function valueOf(part: KeyValuePart, metadata: KeyCall['metadata'], request: unknown): unknown {
  if (part.from === 'metadata') return metadata.get(part.key)[0];
  return fieldAt(request, part.path);
}

/** A scalar as its text; a 64-bit number in an object of its own too; a whole message as JSON. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return MISSING;
  const text = (value as { toString(): string }).toString();
  return text.startsWith('[object ') ? JSON.stringify(value) : text;
}

/** Its beginning and a fingerprint, where it is too long. */
function bounded(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST - 28)}~${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Keeps a value with brackets from looking like two values, and control characters out of names. */
function escapeValue(value: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const special = /[[\]%\x00-\x1f\x7f]/;
  return special.test(value) ? value.replace(new RegExp(special, 'g'), encodeURIComponent) : value;
}
