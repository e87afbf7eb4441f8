import { hash } from 'node:crypto';
import { serialize } from 'node:v8';
import { silence } from '../core/silence.ts';
import type { LastGoodConfig, LastGoodKeyFunction } from '../policy/last-good-options.ts';
import { fieldAt } from '../policy/message-field.ts';
import type { AskedCall } from '../policy/ports.ts';

/** A longer key is stored as its fingerprint. */
const LONGEST = 200;

const UNKNOWN_CALLER =
  'a client has the interceptor alone, so that its credentials are not known; make it with clientOptions(), or share answers with identity: []';

const NO_FIELD =
  'a request has none of the fields of its key, so its answer is not stored; are they spelt as in the requests of this client?';

/**
 * What a stored answer is found by: the target, who asks, and the question. Parts carry their length, so that no two calls can be mixed up.
 * Undefined where this call's answer is not to be stored.
 * @param question - the policy's function, its fields, or undefined for all of the request
 * @throws what a key function throws, TypeError when it returns something else than a text, and Error where it cannot be known who asks, or the request has none of the fields
 */
export function lastGoodKey(
  { identity }: Pick<LastGoodConfig, 'identity'>,
  question: Exclude<LastGoodConfig['key'], string>,
  { target, metadata, credentials, stubs, request }: AskedCall,
): string | undefined {
  if (request === undefined) return undefined;
  let key = part(target);
  // Callers that are told apart are told apart by all that says who they are.
  if (identity.length > 0) {
    if (credentials === '') throw new Error(UNKNOWN_CALLER);
    key += part(credentials);
  }
  for (const entry of identity) {
    for (const value of metadata.get(entry)) key += part(textOf(value));
    key += '|';
  }
  if (question === undefined) return bounded(key, stubs.requestSerialize(request));
  if (typeof question !== 'function') {
    const values = question.map((path) => fieldAt(request, path));
    // A misspelt field would make one question of all.
    if (values.every((value) => value === undefined || value === null))
      throw new Error(`${NO_FIELD} ${question.map((path) => path.join('.')).join(', ')}`);
    for (const value of values) key += part(textOf(value));
    return bounded(key);
  }
  const own = ownKey(question, request, metadata);
  return own === undefined ? undefined : bounded(key + part(own));
}

function ownKey(question: LastGoodKeyFunction, request: unknown, metadata: AskedCall['metadata']): string | undefined {
  const key: unknown = question(request, metadata);
  if (key === undefined || typeof key === 'string') return key;
  silence(key, () => {}); // A promise comes too late, and must not reject into the void either.
  throw new TypeError('a lastGood key function must return a text, or undefined for answers that are not to be stored');
}

function part(text: string): string {
  return `${text.length}:${text}`;
}

/** A scalar as its text, with its type; everything else by all of its content. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  if (value === undefined || value === null) return '-';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return `${typeof value}${value}`;
  return `o${hash('sha256', value instanceof Uint8Array ? value : serialize(value), 'base64')}`;
}

function bounded(key: string, bytes?: Buffer): string {
  if (bytes === undefined) return key.length <= LONGEST ? key : hash('sha256', key, 'base64');
  // A short request is its own fingerprint.
  return bytes.length <= 64
    ? `${bounded(key)}=${bytes.toString('latin1')}`
    : `${bounded(key)}#${hash('sha256', bytes, 'base64')}`;
}
