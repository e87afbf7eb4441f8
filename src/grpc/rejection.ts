import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { describeVerdict } from '../core/describe-verdict.ts';
import type { Rejection } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/state.ts';
import { encodeStatus, STATUS_DETAILS } from '../policy/rich-status.ts';
import { sharedWeakMap } from '../policy/shared-weak-map.ts';
import { toStatus } from './to-status.ts';

const marks = sharedWeakMap<RejectionInfo>('grpc-breaker.rejections');

const REASON_TEXT: Readonly<Record<RejectionReason, string>> = {
  open: 'is open',
  halfOpen: 'is half-open, and its trials are under way',
  ramp: 'has just closed, and lets a growing share of calls through; try again',
  shed: 'lets only a share of calls through, because too many fail; try again later',
  concurrency: 'has as many calls under way as it may; try again when one has ended',
  forced: 'is forced open',
};

/** The domain of the reasons in google.rpc.ErrorInfo that this package gives. */
export const ERROR_DOMAIN = 'grpc-breaker';

/** Reasons in google.rpc.ErrorInfo, for clients that know nothing of this package. */
const ERROR_REASONS: Readonly<Record<RejectionReason, string>> = {
  open: 'BREAKER_OPEN',
  halfOpen: 'BREAKER_HALF_OPEN',
  ramp: 'BREAKER_RAMP',
  shed: 'BREAKER_SHED',
  concurrency: 'BREAKER_CONCURRENCY',
  forced: 'BREAKER_FORCED_OPEN',
};

/**
 * The status of a refused call without a fallback: the breaker, the reason and, where it is known, the time until a call may pass again, for
 * people in the text and for machines as google.rpc.Status with ErrorInfo and RetryInfo.
 * @param code - as the policy has it
 */
export function rejectionStatus(breaker: string, rejection: Rejection, code: number): StatusObject {
  const { reason, retryInMs, verdict } = rejection;
  const details = `circuit breaker ${breaker} ${REASON_TEXT[reason]}${whenAndWhy(rejection)}`;
  const metadata = new Metadata();
  const errorInfo = {
    reason: ERROR_REASONS[reason],
    domain: ERROR_DOMAIN,
    metadata: verdict === undefined || isClosed(reason) ? { breaker } : { breaker, verdict: verdict.reason },
  };
  const retryDelayMs = retryInMs > 0 && retryInMs < Infinity ? retryInMs : undefined;
  metadata.set(STATUS_DETAILS, Buffer.from(encodeStatus({ code, message: details, errorInfo, retryDelayMs })));
  // On the metadata object, which reaches the caller's error: unlike an entry in it, no server can send that.
  marks.set(metadata, { breaker, reason, retryInMs });
  return { code: toStatus(code), details, metadata };
}

/** Closed breakers refuse single calls: any other may pass at once, and why they changed last has nothing to do with it. */
function isClosed(reason: RejectionReason): boolean {
  return reason === 'ramp' || reason === 'shed' || reason === 'concurrency';
}

function whenAndWhy({ reason, retryInMs, verdict }: Rejection): string {
  if (isClosed(reason)) return '';
  const why = verdict === undefined ? '' : `: ${describeVerdict(verdict)}`;
  return `${why}; ${Number.isFinite(retryInMs) ? `next trial in ${Math.ceil(retryInMs)} ms` : 'until it is released'}`;
}

/** What {@link rejectionOf} tells of a refused call. */
export interface RejectionInfo {
  /** The breaker's name. */
  readonly breaker: string;
  /** The kind of refusal. */
  readonly reason: RejectionReason;
  /** Milliseconds until a call may pass again: 0 where another one may pass at once, Infinity when it was forced open without an end. */
  readonly retryInMs: number;
}

/** What a breaker said when it refused a call; undefined for any other error, a server's UNAVAILABLE included. */
export function rejectionOf(error: unknown): RejectionInfo | undefined {
  const metadata = (error as { metadata?: unknown } | null | undefined)?.metadata;
  return typeof metadata === 'object' && metadata !== null ? marks.get(metadata) : undefined;
}

/** Whether an error of a call means that its breaker refused it. */
export function isRejection(error: unknown): boolean {
  return rejectionOf(error) !== undefined;
}
