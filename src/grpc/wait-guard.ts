import type { EventEmitter } from 'node:events';
import { type InterceptorOptions, propagate, status as Status } from '@grpc/grpc-js';

/** Timers that are set for longer fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps a call's deadline and its parent's cancel while there is no next call below that would.
 * Only calls that wait for something have one: for the request that their key or their fallback needs.
 */
export class WaitGuard {
  readonly #parent: EventEmitter | undefined;
  readonly #onCancelled: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  /**
   * @param options - the call's options
   * @param leftMs - milliseconds until its deadline, Infinity for none
   * @param onEnd - told once at most, with the status that the call must end with
   */
  constructor(options: InterceptorOptions, leftMs: number, onEnd: (code: Status, details: string) => void) {
    const flags = options.propagate_flags ?? propagate.DEFAULTS;
    this.#parent = (flags & propagate.CANCELLATION) === 0 ? undefined : options.parent;
    this.#onCancelled = () => {
      this.release();
      onEnd(Status.CANCELLED, 'Cancelled by parent call');
    };
    this.#parent?.on('cancelled', this.#onCancelled);
    // grpc-js keeps no later deadline than a timer can either.
    if (leftMs > LONGEST_TIMER_MS) return;
    const onDeadline = () => {
      this.release();
      onEnd(Status.DEADLINE_EXCEEDED, 'Deadline exceeded while waiting for the request message');
    };
    this.#timer = setTimeout(onDeadline, Math.max(0, leftMs));
  }

  /** Nothing is waited for any more. */
  release(): void {
    clearTimeout(this.#timer);
    this.#parent?.removeListener('cancelled', this.#onCancelled);
  }
}
