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
  [Status.INTERNAL, 'Request message serialization failure:', 'requestNotSerializable'],
  [Status.INTERNAL, 'Response message parsing error:', 'responseNotParsable'],
  [Status.UNKNOWN, 'Getting metadata from plugin failed', 'credentials'],
];

/** The server itself sent this status: its trailers came without headers before them, and carry a content-type. */
function serverSpoke(status: StatusObject): boolean {
  return status.metadata.get('content-type').length > 0;
}

/** Why a call's end says nothing about the dependency; undefined when it does say something. */
export function ignoredCause(status: StatusObject, call: CallRecord, durationMs: number): IgnoredCause | undefined {
  const { code, details } = status;
  if (code === Status.OK || serverSpoke(status)) return undefined;
  if (code === Status.DEADLINE_EXCEEDED) return deadlineCause(call, durationMs);
  if (call.cancelledWith === code) return 'cancelled';
  if (code === Status.CANCELLED) return cancelCause(details, call, durationMs);
  for (const [faultCode, prefix, cause] of LOCAL_FAULTS) {
    if (code === faultCode && details.startsWith(prefix)) return cause;
  }
  return undefined;
}

function deadlineCause(call: CallRecord, durationMs: number): IgnoredCause | undefined {
  if (call.budgetMs <= 0) return 'deadlinePast';
  if (durationMs - call.budgetMs > STALL_MS) return 'clientStall';
  // Only streams are read by the consumer; all that it asked for has come.
  return call.reads > 0 && call.messages >= call.reads ? 'consumerStall' : undefined;
}

/** A cancel without a word of the server's comes from this side: the caller, or the parent call it was made in. */
function cancelCause(details: string, call: CallRecord, durationMs: number): IgnoredCause | undefined {
  if (details === 'Cancelled by parent call') return parentDeadlinePassed(call, durationMs) ? undefined : 'cancelled';
  return call.sawHeaders && call.cancelledWith === undefined ? undefined : 'cancelled';
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
