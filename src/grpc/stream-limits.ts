import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { CallRecord } from './call-record.ts';

/**
 * Since when a stream's consumer waits for the next message, without the time in which this process was held up. Only the
 * time in which both sides can do something about it counts: the dependency has what it needs, and its consumer has asked.
 */
export class MessageWait {
  #sinceMs = -1;
  #lateBeforeMs = 0;

  /** @param call - its request may be out already, and its first message asked for */
  constructor(call: CallRecord) {
    this.update(call);
  }

  /** A request went out, or a message was asked for: the wait begins, where it has not begun already. Further requests give no further time. */
  update(call: CallRecord): void {
    const { binding, requests, messages, reads, hasSent } = call;
    const owes = !binding.isBidi || call.isRequestEnded || requests > messages;
    if (this.#sinceMs >= 0 || !hasSent || !owes || reads <= messages) return;
    this.#sinceMs = binding.context.clock.now();
    this.#lateBeforeMs = binding.context.inFlight.stalls.lateMs;
  }

  /** A message came: the wait ends, and begins anew where the next one is owed and asked for already. */
  restart(call: CallRecord): void {
    this.#sinceMs = -1;
    this.update(call);
  }

  /** The status of a call that is to be cancelled now, because a limit is passed; undefined while all is well. */
  overdue({ binding, messages }: CallRecord, nowMs: number): StatusObject | undefined {
    if (this.#sinceMs < 0) return undefined;
    const { firstMessageWithinMs, messageGapMs } = binding.policy.stream;
    const limitMs = messages === 0 ? firstMessageWithinMs : messageGapMs;
    const heldUpMs = binding.context.inFlight.stalls.lateMs - this.#lateBeforeMs;
    if (!(nowMs - this.#sinceMs - heldUpMs > limitMs)) return undefined;
    const what = messages === 0 ? 'no message' : 'no further message';
    const option = messages === 0 ? 'firstMessageWithin' : 'messageGap';
    const details = `${what} of the stream came within ${limitMs} ms (stream.${option}); the call was cancelled`;
    return { code: Status.DEADLINE_EXCEEDED, details, metadata: new Metadata() };
  }
}
