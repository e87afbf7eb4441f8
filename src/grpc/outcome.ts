import { status as Status, type StatusObject } from '@grpc/grpc-js';
import type { Outcome } from '../core/outcome.ts';
import type { CallRecord } from './call-record.ts';

/** Why a call says nothing about its dependency. */
export type IgnoredCause =
  | 'cancelled'
  | 'deadlinePast'
  | 'clientStall'
  | 'consumerStall'
  | 'requestNotSerializable'
  | 'requestTooLarge'
  | 'responseTooLarge'
  | 'responseNotParsable'
  | 'credentials';

/** A deadline that fires later than this after its time was held up by this process: genuine ones are at most 35 ms late (measured on a loaded machine), blocked ones 107 ms and more. */
const STALL_MS = 60;

/** What grpc-js says when the fault lies on this side; all with empty metadata. */
const LOCAL_FAULTS: readonly (readonly [code: number, details: string, cause: IgnoredCause])[] = [
  [Status.RESOURCE_EXHAUSTED, 'Attempted to send message', 'requestTooLarge'],
  [Status.RESOURCE_EXHAUSTED, 'Received message larger than max', 'responseTooLarge'],
  [Status.RESOURCE_EXHAUSTED, 'Received message that decompresses to a size larger', 'responseTooLarge'],
  [Status.INTERNAL, 'Request message serialization failure:', 'requestNotSerializable'],
  [Status.INTERNAL, 'Response message parsing error:', 'responseNotParsable'],
  [Status.INTERNAL, '"authorization" metadata cannot have multiple values', 'credentials'],
];

/** Call credentials fail with whatever code their error has, and behind a prefix where gRPC forbids that code. */
const CREDENTIALS_FAULT = 'Getting metadata from plugin failed';

/** The server itself sent this status: its trailers came without headers before them, and carry a content-type. */
function serverSpoke(status: StatusObject): boolean {
  // Interceptors below may make a status without metadata, whatever its type says.
  return (status.metadata as StatusObject['metadata'] | undefined)?.get('content-type').length === 1;
}

/** Why a call's end says nothing about the dependency; undefined when it does say something. */
export function ignoredCause(status: StatusObject, call: CallRecord, durationMs: number): IgnoredCause | undefined {
  const { code } = status;
  const details = (status.details as string | undefined) ?? '';
  if (code === Status.OK || serverSpoke(status)) return undefined;
  if (code === Status.DEADLINE_EXCEEDED) return deadlineCause(call, durationMs);
  if (call.cancelledWith === code) return 'cancelled';
  if (code === Status.CANCELLED) return cancelCause(details, call, durationMs);
  if (details.includes(CREDENTIALS_FAULT)) return 'credentials';
  return LOCAL_FAULTS.find(([faultCode, text]) => code === faultCode && details.startsWith(text))?.[2];
}

function deadlineCause(call: CallRecord, durationMs: number): IgnoredCause | undefined {
  if (call.budgetMs <= 0) return 'deadlinePast';
  if (durationMs - call.budgetMs > STALL_MS) return 'clientStall';
  // All that a stream's consumer asked for has come.
  return call.binding.isResponseStream && call.messages >= call.reads ? 'consumerStall' : undefined;
}

/** A cancel without a word of the server's comes from this side: the caller, or the parent call it was made in. */
function cancelCause(details: string, call: CallRecord, durationMs: number): IgnoredCause | undefined {
  if (details === 'Cancelled by parent call') return parentDeadlinePassed(call, durationMs) ? undefined : 'cancelled';
  // The server's RST_STREAM(CANCEL), and its CANCELLED after headers, are its own.
  const isServers = call.cancelledWith === undefined && (call.sawHeaders || details === 'Call cancelled');
  return isServers ? undefined : 'cancelled';
}

/** A parent's deadline arrives as a cancel: the budget, which includes the parent's deadline, is used up. */
function parentDeadlinePassed(call: CallRecord, durationMs: number): boolean {
  return call.budgetMs > 0 && durationMs >= call.budgetMs;
}

/** How a call that says something counts: by the policy's function, else by its status codes. */
export function judgeStatus(status: StatusObject, call: CallRecord, durationMs: number): Outcome {
  const { policy, context } = call.binding;
  if (policy.classify !== undefined) {
    try {
      const outcome = policy.classify({ code: status.code, details: status.details }, call.lastMessage);
      if (outcome !== undefined) return outcome;
    } catch (error) {
      context.onWarning(`${policy.path}.classify threw; the status codes decide`, error);
    }
  }
  const isParentDeadline =
    status.details === 'Cancelled by parent call' && parentDeadlinePassed(call, durationMs) && !serverSpoke(status);
  const code = isParentDeadline ? Status.DEADLINE_EXCEEDED : status.code;
  return policy.failureCodes.has(code) ? 'failure' : 'success';
}
