import type { StatusObject } from '@grpc/grpc-js';
import { retryDelayOf } from './retry-info.ts';

/** Where gRPC's retry design (A6) has a server say when to come back, in milliseconds. */
const PUSHBACK_ENTRY = 'grpc-retry-pushback-ms';

/** A google.rpc.Status in wire format, as richer errors have it. */
const DETAILS_ENTRY = 'grpc-status-details-bin';

/** An int32, as gRPC has it; a negative one forbids retries and names no time. */
const MILLISECONDS = /^\d{1,10}$/;
const LONGEST_MS = 2 ** 31 - 1;

/**
 * For how many milliseconds a server asks to be left alone: by `grpc-retry-pushback-ms`, or by google.rpc.RetryInfo in
 * `grpc-status-details-bin`; the longer one counts. 0 where it asks for nothing, or for what makes no sense. Never throws.
 * Where attempts are repeated below, the status is that of the last attempt.
 */
export function pushbackOf({ metadata }: StatusObject): number {
  // Interceptors below may make a status without metadata, whatever its type says.
  const entries = metadata as StatusObject['metadata'] | undefined;
  try {
    const text = entries?.get(PUSHBACK_ENTRY)[0]?.toString() ?? '';
    const pushbackMs = MILLISECONDS.test(text) ? Number(text) : 0;
    const details = entries?.get(DETAILS_ENTRY)[0];
    const delayMs = Buffer.isBuffer(details) ? retryDelayOf(details) : 0;
    return Math.max(pushbackMs <= LONGEST_MS ? pushbackMs : 0, delayMs);
  } catch {
    return 0; // Metadata of somebody else's making.
  }
}
