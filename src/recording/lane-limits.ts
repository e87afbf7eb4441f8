import { Heap } from './heap.ts';
import type { ReplayCall } from './replay-call.ts';

interface Limit {
  readonly atUs: number;
  readonly call: ReplayCall;
  readonly serial: number;
}

/** Calls that a policy's deadline would end before they ended by themselves. */
export class LaneLimits {
  readonly #heap = new Heap<Limit>((one, other) => one.atUs < other.atUs);

  /** When the next one ends; Infinity for none. */
  get nextUs(): number {
    return this.#heap.first?.atUs ?? Infinity;
  }

  add(call: ReplayCall, atUs: number): void {
    this.#heap.push({ atUs, call, serial: call.serial });
  }

  /** The next one; undefined where it has ended meanwhile. */
  take(): ReplayCall | undefined {
    const limit = this.#heap.pop();
    return limit === undefined || limit.call.serial !== limit.serial ? undefined : limit.call;
  }
}
