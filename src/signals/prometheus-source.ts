import type { Clock } from '../core/clock.ts';
import type { PrometheusConfig, PrometheusSource, Signal } from '../policy/signal.ts';
import { Poller } from './poller.ts';
import type { Sample } from './prometheus-answer.ts';
import { askPrometheus, type QueryHeaders } from './prometheus-query.ts';
import { Threshold } from './threshold.ts';

/** What a {@link QuerySource} works with. */
export interface QuerySourceOptions {
  readonly headers: QueryHeaders;
  /** Monotonic. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Makes the signals of Prometheus conditions; those that ask one server the same share one query. */
export class QuerySource implements PrometheusSource {
  readonly #options: QuerySourceOptions;
  readonly #pollers = new Map<string, Poller<Sample[]>>();

  constructor(options: QuerySourceOptions) {
    this.#options = options;
  }

  signal(config: PrometheusConfig): Signal {
    const { clock, wallClockNow } = this.#options;
    return {
      subscribe: (listener) => {
        const threshold = new Threshold(config);
        const failed = (error: unknown) => {
          threshold.interrupt();
          listener.failed(error);
        };
        const answered = (samples: readonly Sample[]) => {
          try {
            listener.reading(threshold.judge(samples, clock.now(), wallClockNow()));
          } catch (error) {
            failed(error);
          }
        };
        return this.#listen(config, { everyMs: config.everyMs, answered, failed });
      },
    };
  }

  #listen({ url, query }: PrometheusConfig, listener: Parameters<Poller<Sample[]>['add']>[0]): () => void {
    const key = JSON.stringify([url, query]);
    const { headers, random } = this.#options;
    const poller =
      this.#pollers.get(key) ?? new Poller((withinMs, stopped) => askPrometheus(url, query, headers, withinMs, stopped), random);
    this.#pollers.set(key, poller);
    const remove = poller.add(listener);
    return () => {
      remove();
      if (poller.isIdle && this.#pollers.get(key) === poller) this.#pollers.delete(key);
    };
  }
}
