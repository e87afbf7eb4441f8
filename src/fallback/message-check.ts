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
  const comparison: Comparison = { codec, problems: [] };
  compareRecord(comparison, message, decoded, path, (changed) => !sameBytes(codec, changed, bytes));
  return comparison.problems.length === 0 ? { bytes } : { problems: comparison.problems };
}

/** What a comparison needs and finds. */
interface Comparison {
  readonly codec: MessageCodec;
  readonly problems: ConfigProblem[];
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

function compareRecord(comparison: Comparison, given: Record_, decoded: unknown, path: string, changes: ChangesBytes): void {
  const found: Record_ = typeof decoded === 'object' && decoded !== null ? (decoded as Record_) : {};
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const withKey = (replacement: unknown) => changes({ ...given, [key]: replacement });
    const arrived = found[key];
    if (arrived !== undefined && arrived !== null && value !== null)
      compareValue(comparison, value, arrived, `${path}.${key}`, withKey);
    else if (!mayBeLeftOut(value) ? !isZeroOfEnum(comparison, value, withKey) : !probes(value).some(withKey)) {
      const message =
        'is not a field of the response type, or its value does not fit; check its name (as the stubs spell it) and its type';
      comparison.problems.push({ path: `${path}.${key}`, message });
    }
  }
}

function compareValue(comparison: Comparison, given: unknown, decoded: unknown, path: string, changes: ChangesBytes): void {
  const refuse = (message: string) => comparison.problems.push({ path, message });
  const bytes = bytesOf(decoded);
  if (decoded instanceof Uint8Array || (bytes !== undefined && bytesOf(given) !== undefined && typeof given !== typeof decoded)) {
    if (bytes === undefined || bytesOf(given)?.equals(bytes) !== true)
      refuse('does not fit; expected bytes: a Buffer, or a base64 string');
  } else if (Array.isArray(decoded)) {
    const list = ArrayBuffer.isView(given) ? Array.from(given as unknown as ArrayLike<unknown>) : given;
    if (!Array.isArray(list)) refuse('does not fit; expected a list');
    else if (list.length !== decoded.length)
      refuse(`does not fit; ${decoded.length} of its ${list.length} elements were understood`);
    else {
      list.forEach((element, index) => {
        const withElement = (replacement: unknown) => changes(list.map((other, at) => (at === index ? replacement : other)));
        compareValue(comparison, element, decoded[index], `${path}[${index}]`, withElement);
      });
    }
  } else if (isRecord(given)) {
    if (typeof decoded === 'object') compareRecord(comparison, given, decoded, path, changes);
    else refuse(`does not fit; expected a ${typeof decoded}`);
  } else if (!sameScalar(given, decoded) && !(decoded === 0 && isZeroOfEnum(comparison, given, changes))) {
    refuse(
      `${JSON.stringify(given) ?? String(given)} does not fit; it would arrive as ${JSON.stringify(decoded) ?? String(decoded)}`,
    );
  }
}

/** Serialisers leave default values out. */
function mayBeLeftOut(value: unknown): boolean {
  return value === null || isDefault(value);
}

/** The name of an enum's value 0, given to a field of that enum: it would take the next value's name, too. */
function isZeroOfEnum({ codec }: Comparison, value: unknown, changes: ChangesBytes): boolean {
  const next = typeof value === 'string' ? codec.enumValueAfterZero(value) : undefined;
  return next !== undefined && changes(next);
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === 0 || value === '' || value === false || value === '0';
}

/** Values other than the default, one of which changes the bytes if the field exists. */
function probes(value: unknown): unknown[] {
  if (value === null) return [1, 'x', 'eA==', true, [1], ['x'], [{}], { x: 1 }, { x: 'x' }, { x: {} }];
  if (Array.isArray(value)) return [[1], ['x'], [{}], [true]];
  if (value instanceof Uint8Array) return [Buffer.from('x')];
  if (isRecord(value)) return [{ x: 1 }, { x: 'x' }, { x: {} }];
  if (value === '') return ['x', 'eA=='];
  return typeof value === 'boolean' ? [true] : [1];
}

/** Bytes in any of the forms that stubs have for them: a Buffer, a base64 text, a list of numbers. */
function bytesOf(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') return isBase64(value) ? Buffer.from(value, 'base64') : undefined;
  const isList = Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  return isList ? Buffer.from(value as number[]) : undefined;
}

function isBase64(text: string): boolean {
  const bare = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === bare;
}

function sameScalar(given: unknown, decoded: unknown): boolean {
  if (given === decoded) return true;
  if (typeof given === 'boolean' || typeof decoded === 'boolean') return false;
  if (typeof given === 'number' && typeof decoded === 'number') {
    return Object.is(Math.fround(given), decoded) || (Number.isNaN(given) && Number.isNaN(decoded));
  }
  if (String(given) === String(decoded)) return true;
  const isName = (value: unknown) => typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value);
  // An enum may be given by number and come back by name, or the other way round. A name that means nothing comes back as 0, or as NaN.
  if (typeof given === 'number') return isName(decoded);
  return isName(given) && Number.isInteger(decoded) && decoded !== 0;
}
