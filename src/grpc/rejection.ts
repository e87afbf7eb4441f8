import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Rejection } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/state.ts';
import { describeVerdict } from '../core/verdict.ts';

const NAME = 'grpc-breaker-name';
const REASON = 'grpc-breaker-reason';
const RETRY_IN = 'grpc-breaker-retry-in-ms';

const REASON_TEXT: Readonly<Record<RejectionReason, string>> = {
  open: 'is open',
  halfOpen: 'is half-open, and its trials are under way',
  forced: 'is forced open',
};

/** The status of a refused call without a fallback: UNAVAILABLE with the breaker, the reason and the time until a call may pass again. */
export function rejectionStatus(breaker: string, rejection: Rejection): StatusObject {
  const { reason, retryInMs, verdict } = rejection;
  const why = verdict === undefined ? '' : `: ${describeVerdict(verdict)}`;
  const metadata = new Metadata();
  // Metadata is ASCII; a model's name need not be.
  metadata.set(NAME, encodeURI(breaker.toWellFormed()));
  metadata.set(REASON, reason);
  let next = '; until it is released';
  if (Number.isFinite(retryInMs)) {
    metadata.set(RETRY_IN, String(Math.ceil(retryInMs)));
    next = `; next trial in ${Math.ceil(retryInMs)} ms`;
  }
  return { code: Status.UNAVAILABLE, details: `circuit breaker ${breaker} ${REASON_TEXT[reason]}${why}${next}`, metadata };
}

/** What {@link rejectionOf} tells of a refused call. */
export interface RejectionInfo {
  /** The breaker's name. */
  readonly breaker: string;
  /** The kind of refusal. */
  readonly reason: RejectionReason;
  /** Milliseconds until a call may pass again, Infinity when it was forced open without an end. */
  readonly retryInMs: number;
}

/** What a breaker said when it refused a call; undefined for any other error. Works across copies of grpc-js and of this package. */
export function rejectionOf(error: unknown): RejectionInfo | undefined {
  const metadata = (error as { metadata?: Partial<Metadata> } | null | undefined)?.metadata;
  const read = (key: string) => metadata?.get?.(key)[0]?.toString();
  const reason = read(REASON);
  if (reason === undefined) return undefined;
  const retryIn = read(RETRY_IN);
  return {
    breaker: decodeName(read(NAME) ?? ''),
    reason: reason as RejectionReason,
    retryInMs: retryIn === undefined ? Infinity : Number(retryIn),
  };
}

function decodeName(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text; // Not one of ours: as it is.
  }
}

/** Whether an error of a call means that its breaker refused it. */
export function isRejection(error: unknown): boolean {
  return rejectionOf(error) !== undefined;
}
