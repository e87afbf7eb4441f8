import type { ConfigProblem } from '../core/errors.ts';
import type { MessageCodec } from './message-codec.ts';

/** A message that fits, as bytes, or what is wrong with it. */
export type CheckedMessage = { readonly bytes: Buffer } | { readonly problems: readonly ConfigProblem[] };

/**
 * Checks a message against its type by its round trip through the wire form. Serialisers drop unknown fields and coerce
 * scalars without a word; what does not come back as it was given does not fit.
 * @param path - where the message stands in the policy
 */
export function checkMessage(codec: MessageCodec, message: unknown, path: string): CheckedMessage {
  let bytes: Buffer;
  let decoded: unknown;
  try {
    bytes = codec.encode(message);
    decoded = codec.decode(bytes);
  } catch (error) {
    return { problems: [{ path, message: `does not fit the response type: ${(error as Error).message}` }] };
  }
  // Generated message classes (google-protobuf) check their own fields.
  if (!isRecord(message))
    return typeof message === 'object' && message !== null
      ? { bytes }
      : { problems: [{ path, message: 'expected a message object' }] };
  const problems: ConfigProblem[] = [];
  compareRecord(message, decoded, path, problems, (changed) => !sameBytes(codec, changed, bytes));
  return problems.length === 0 ? { bytes } : { problems };
}

type Record_ = Record<string, unknown>;
/** Whether the root message with a changed field has other bytes: then the field exists. */
type ChangesBytes = (root: unknown) => boolean;

function isRecord(value: unknown): value is Record_ {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function sameBytes(codec: MessageCodec, message: unknown, bytes: Buffer): boolean {
  try {
    return codec.encode(message).equals(bytes);
  } catch {
    return false; // It was looked at, so it exists.
  }
}

function compareRecord(given: Record_, decoded: unknown, path: string, problems: ConfigProblem[], changes: ChangesBytes): void {
  const found: Record_ = typeof decoded === 'object' && decoded !== null ? (decoded as Record_) : {};
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const at = `${path}.${key}`;
    const withKey = (replacement: unknown) => changes({ ...given, [key]: replacement });
    if (found[key] === undefined || found[key] === null) {
      if (!isDefault(value) || !probes(value).some(withKey)) {
        problems.push({
          path: at,
          message:
            'is not a field of the response type, or its value does not fit; check its name (as the stubs spell it) and its type',
        });
      }
    } else compareValue(value, found[key], at, problems, withKey);
  }
}

function compareValue(given: unknown, decoded: unknown, path: string, problems: ConfigProblem[], changes: ChangesBytes): void {
  if (decoded instanceof Uint8Array) {
    if (!sameContent(given, decoded))
      problems.push({ path, message: 'does not fit; expected bytes: a Buffer, or a base64 string' });
  } else if (Array.isArray(decoded)) {
    const list = ArrayBuffer.isView(given) ? Array.from(given as unknown as ArrayLike<unknown>) : given;
    if (!Array.isArray(list) || list.length !== decoded.length) {
      problems.push({
        path,
        message: `does not fit; expected a list${Array.isArray(list) ? ` (${decoded.length} of its ${list.length} elements were understood)` : ''}`,
      });
      return;
    }
    list.forEach((element, index) => {
      const withElement = (replacement: unknown) => changes(list.map((other, at) => (at === index ? replacement : other)));
      compareValue(element, decoded[index], `${path}[${index}]`, problems, withElement);
    });
  } else if (isRecord(given)) {
    if (typeof decoded === 'object') compareRecord(given, decoded, path, problems, changes);
    else problems.push({ path, message: `does not fit; expected a ${typeof decoded}` });
  } else if (!sameScalar(given, decoded)) {
    problems.push({
      path,
      message: `${JSON.stringify(given) ?? String(given)} does not fit; it would arrive as ${JSON.stringify(decoded) ?? String(decoded)}`,
    });
  }
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === 0 || value === '' || value === false || value === '0';
}

/** Values other than the default, one of which changes the bytes if the field exists. */
function probes(value: unknown): unknown[] {
  if (Array.isArray(value)) return [[1], ['x'], [{}], [true]];
  if (value instanceof Uint8Array) return [Buffer.from('x')];
  if (isRecord(value)) return [{ x: 1 }, { x: 'x' }, { x: {} }];
  if (value === '') return ['x', 'eA=='];
  return typeof value === 'boolean' ? [true] : [1];
}

function sameContent(given: unknown, decoded: Uint8Array): boolean {
  if (typeof given === 'string') return Buffer.from(given, 'base64').equals(decoded) && isBase64(given);
  if (given instanceof Uint8Array || Array.isArray(given)) return Buffer.from(given as Uint8Array).equals(decoded);
  return false;
}

function isBase64(text: string): boolean {
  return (
    Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') ===
    text.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/')
  );
}

function sameScalar(given: unknown, decoded: unknown): boolean {
  if (given === decoded) return true;
  if (typeof given === 'boolean' || typeof decoded === 'boolean') return false;
  if (typeof given === 'number' && typeof decoded === 'number') {
    return Object.is(Math.fround(given), decoded) || (Number.isNaN(given) && Number.isNaN(decoded));
  }
  if (String(given) === String(decoded)) return true;
  const isName = (value: unknown) => typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value);
  // An enum may be given by number and come back by name, or the other way round. A name that means nothing comes back as 0.
  if (typeof given === 'number') return isName(decoded);
  return isName(given) && typeof decoded === 'number' && decoded !== 0;
}
