import type { PrometheusConfig, SignalReading } from '../policy/signal.ts';
import type { Sample } from './prometheus-answer.ts';

/**
 * Says of each answer whether the limit has been broken for long enough. The time that counts is that between answers over the limit that followed
 * each other: where a query between them had no answer, the clock stood still; after `maxAge` without any it begins anew.
 */
export class Threshold {
  readonly #config: PrometheusConfig;
  /** How long the limit has been broken, in milliseconds; undefined when it is not. */
  #heldMs: number | undefined;
  #lastAtMs = -Infinity;
  /** A query since the last answer had none. */
  #isInterrupted = false;

  constructor(config: PrometheusConfig) {
    this.#config = config;
  }

  /**
   * An answer.
   * @param samples - at least one
   * @param nowMs - monotonic
   * @param wallNowMs - since 1970, to tell how old the samples are
   * @throws when they are too old; then nothing has changed
   */
  judge(samples: readonly Sample[], nowMs: number, wallNowMs: number): SignalReading {
    const { forMs, everyMs, maxAgeMs, above, below } = this.#config;
    const fresh = this.#fresh(samples, wallNowMs);
    const worst = fresh.reduce((one, other) => (this.#isWorse(other.value, one.value) ? other : one));
    const threshold = above ?? below ?? Number.NaN;
    const isOver = this.#isWorse(worst.value, threshold);
    const sinceMs = nowMs - this.#lastAtMs;
    if (!isOver) this.#heldMs = undefined;
    else if (this.#heldMs === undefined || sinceMs > maxAgeMs) this.#heldMs = 0;
    else if (!this.#isInterrupted) this.#heldMs += sinceMs;
    this.#lastAtMs = nowMs;
    this.#isInterrupted = false;

    const firing = this.#heldMs !== undefined && this.#heldMs >= forMs;
    const message = firing ? this.#message(worst, fresh, threshold) : undefined;
    // Until the next answer, which may take a while itself.
    return { firing, message, value: worst.value, threshold, holdForMs: 1.5 * everyMs };
  }

  /** A query without an answer. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  #isWorse(value: number, than: number): boolean {
    return this.#config.below === undefined ? value > than : value < than;
  }

  #fresh(samples: readonly Sample[], wallNowMs: number): readonly Sample[] {
    const { maxAgeMs } = this.#config;
    const fresh = samples.filter(({ atMs }) => Math.abs(wallNowMs - atMs) <= maxAgeMs);
    if (fresh.length > 0) return fresh;
    const seconds = Math.round((wallNowMs - (samples[0]?.atMs ?? 0)) / 1000);
    const age = seconds < 0 ? `from ${-seconds} s in the future` : `${seconds} s old`;
    throw new Error(
      `the answer is ${age} (maxAge is ${maxAgeMs / 1000} s); either it is, or the clocks here and at Prometheus differ`,
    );
  }

  #message(worst: Sample, samples: readonly Sample[], threshold: number): string {
    const others = samples.filter(({ value }) => this.#isWorse(value, threshold)).length - 1;
    const where = worst.labels === '' ? '' : ` ${worst.labels}`;
    const more = others === 0 ? '' : `, and ${others} more series`;
    const side = this.#config.below === undefined ? 'over' : 'under';
    return `${worst.value}${where} is ${side} ${threshold}${more}`;
  }
}
