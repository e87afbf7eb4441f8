import type { ChartPlan } from './chart-plan.ts';

/** At this evidence, in nats, trials are those of a sick dependency: where failures are rare, one is enough; elsewhere it takes some. */
const SICK = 2.5;

/** At this evidence they are those of a healthy one: with the defaults 14 successes, which a dependency that fails 30 % has in 1 of 150 rounds. */
const RECOVERED = -3;

/** What the trials of a half-open round say so far. */
export type TrialsSay = 'sick' | 'recovered' | 'unclear';

/** Weighs the trials of one half-open round by the same likelihood ratios as the charts: a sequential probability ratio test (Wald 1945). */
export class TrialEvidence {
  #errors = 0;
  #slowness = 0;
  /** Trials whose latency is known. */
  #timed = 0;
  trials = 0;
  failures = 0;
  slow = 0;
  /** The slowest of the trials that succeeded, in milliseconds. */
  slowestMs = 0;

  /**
   * Takes a trial in.
   * @param slowerThanMs - over this it is slow; Infinity where nothing is known of latencies
   */
  record(failed: boolean, durationMs: number, slowerThanMs: number, errors: ChartPlan, slowness: ChartPlan): TrialsSay {
    this.trials++;
    if (failed) this.failures++;
    this.#errors += errors.nats * (failed ? errors.up : -1);
    const looksAtLatency = slowerThanMs !== Infinity;
    const isSlow = durationMs > slowerThanMs;
    if (isSlow) this.slow++;
    if (!failed) this.slowestMs = Math.max(this.slowestMs, durationMs);
    // A fast failure says nothing of slowness.
    const isTimed = looksAtLatency && durationMs >= 0 && (isSlow || !failed);
    if (isTimed) this.#timed++;
    if (isTimed) this.#slowness += slowness.nats * (isSlow ? slowness.up : -1);
    if (this.#errors >= SICK || this.#slowness >= SICK) return 'sick';
    // Where the latency of some trials is not known, the others cannot prove more than their share.
    const enough = looksAtLatency ? (RECOVERED * this.#timed) / this.trials : Infinity;
    return this.#errors <= RECOVERED && this.#slowness <= enough ? 'recovered' : 'unclear';
  }
}
