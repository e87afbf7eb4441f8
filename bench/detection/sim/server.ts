import { DEADLINE_MS, HARMFUL_FACTOR, MEDIAN_MS, type Scenario, type Span, spanAt } from '../scenarios/scenario.ts';
import type { Workload } from './workload.ts';

/** How a refusal over capacity, or a closed port, takes. */
const FAST_MS = 1;

/** The server of a run. Its answers depend on the call's place and time, and on its queue where it has a capacity. */
export class Server {
  readonly #scenario: Scenario;
  readonly #workload: Workload;
  #busyUntilMs = 0;
  /** Of the answer that was asked for last: how long the caller waits for it. */
  latencyMs = 0;
  /** Of the answer that was asked for last: it is an error, or never comes. */
  failed = false;

  constructor(scenario: Scenario, workload: Workload) {
    this.#scenario = scenario;
    this.#workload = workload;
  }

  /** A call reaches the server: `latencyMs` and `failed` say what becomes of it. */
  answer(index: number, nowMs: number): void {
    const { capacity } = this.#scenario;
    let waitMs = 0;
    if (capacity !== undefined) {
      waitMs = Math.max(0, this.#busyUntilMs - nowMs);
      if (waitMs > capacity.longestQueueMs) return this.#end(FAST_MS, true);
      // A call whose caller has gone is served all the same.
      this.#busyUntilMs = nowMs + waitMs + 1_000 / capacity.perSecond(nowMs);
    }
    this.#decide(index, nowMs, waitMs);
  }

  /** Whether a call that was refused would have failed, or been slow. The queue is as it is without it. */
  wouldHarm(index: number, nowMs: number): boolean {
    this.#decide(index, nowMs, this.#scenario.capacity === undefined ? 0 : Math.max(0, this.#busyUntilMs - nowMs));
    return this.failed || this.latencyMs > HARMFUL_FACTOR * MEDIAN_MS;
  }

  #decide(index: number, nowMs: number, waitMs: number): void {
    const { sigma, pauses = NO_PAUSES } = this.#scenario;
    const condition = this.#scenario.condition(nowMs, index);
    if (condition.hangs === true) return this.#end(Infinity, true);
    const failed = (this.#workload.luck[index] as number) < condition.errorShare;
    if (failed && condition.refusesFast === true) return this.#end(FAST_MS, true);
    let answerMs = nowMs + waitMs + MEDIAN_MS * condition.slowdown * Math.exp(sigma * (this.#workload.slowness[index] as number));
    const pause = pauses[spanAt(pauses, answerMs)];
    if (pause !== undefined) answerMs = pause.toMs;
    this.#end(answerMs - nowMs, failed);
  }

  #end(latencyMs: number, failed: boolean): void {
    const isLate = latencyMs > DEADLINE_MS;
    this.latencyMs = isLate ? DEADLINE_MS : latencyMs;
    this.failed = failed || isLate;
  }
}

const NO_PAUSES: readonly Span[] = [];
