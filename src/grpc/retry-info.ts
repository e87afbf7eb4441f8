import { Fields } from './protobuf-fields.ts';

/** The part of a type URL after its last slash names the message. */
const RETRY_INFO = 'google.rpc.RetryInfo';

/** The longest time that google.protobuf.Duration allows: about 10,000 years, in seconds. */
const MOST_SECONDS = 315_576_000_000;

/** More of it is not looked at: headers are at most 8 KiB by default, and this comes with every failed call. */
const MOST_BYTES = 65_536;

/**
 * The delay in a google.rpc.RetryInfo among the details of a google.rpc.Status.
 * @param bytes - the status in wire format, from a server that may send anything
 * @returns milliseconds; 0 without one, and where the bytes are not what they should be. Never throws.
 */
export function retryDelayOf(bytes: Uint8Array): number {
  if (bytes.length > MOST_BYTES) return 0;
  const status = new Fields(bytes);
  let delayMs = 0;
  // google.rpc.Status: repeated google.protobuf.Any details = 3
  while (status.next()) if (status.field === 3) delayMs = Math.max(delayMs, delayInAny(status.bytes));
  return status.isBroken ? 0 : delayMs;
}

/** google.protobuf.Any: string type_url = 1, bytes value = 2. */
function delayInAny(bytes: Uint8Array): number {
  const any = new Fields(bytes);
  let type = '';
  let value: Uint8Array | undefined;
  while (any.next()) {
    if (any.field === 1) type = Buffer.from(any.bytes).toString('latin1');
    else if (any.field === 2) value = any.bytes;
  }
  const isRetryInfo = !any.isBroken && value !== undefined && type.slice(type.lastIndexOf('/') + 1) === RETRY_INFO;
  return isRetryInfo ? delayInRetryInfo(value as Uint8Array) : 0;
}

/** google.rpc.RetryInfo: google.protobuf.Duration retry_delay = 1. */
function delayInRetryInfo(bytes: Uint8Array): number {
  const info = new Fields(bytes);
  let delayMs = 0;
  while (info.next()) if (info.field === 1) delayMs = millisecondsOf(info.bytes);
  return info.isBroken ? 0 : delayMs;
}

/** google.protobuf.Duration: int64 seconds = 1, int32 nanos = 2. A negative one reads as a huge one, which is none either. */
function millisecondsOf(bytes: Uint8Array): number {
  const duration = new Fields(bytes);
  let seconds = 0;
  let nanos = 0;
  while (duration.next()) {
    if (duration.field === 1) seconds = duration.number;
    else if (duration.field === 2) nanos = duration.number;
  }
  const isSound = !duration.isBroken && seconds <= MOST_SECONDS && nanos < 1e9;
  return isSound ? seconds * 1_000 + nanos / 1e6 : 0;
}
