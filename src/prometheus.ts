// The entry grpc-breaker/prometheus.

import type { PrometheusSource } from './policy/signal.ts';
import type { QueryHeaders } from './signals/prometheus-query.ts';
import { QuerySource } from './signals/prometheus-source.ts';
import { systemClock, wallClockNow } from './system-clock.ts';

export type { PrometheusConfig, PrometheusSource, Signal, SignalListener, SignalReading } from './policy/signal.ts';
export type { QueryHeaders } from './signals/prometheus-query.ts';

/** How Prometheus is asked. */
export interface PrometheusClientOptions {
  /** Sent with each query, such as `{ authorization: 'Bearer ...' }`; a function is asked anew each time. @default none */
  headers?: QueryHeaders;
}

/**
 * What asks Prometheus for the `trip.prometheus` of policies, by its HTTP API and the `fetch` of this process. Nothing is asked before
 * breakers are made with it, nor after they are disposed of. One may serve the breakers of several policies, and conditions with the same `url`
 * and `query` share one query.
 *
 * @example
 * const breakers = createBreakers(loadPolicy('breakers.yaml'), { prometheus: prometheus() });
 *
 * @param options - headers
 */
export function prometheus(options: PrometheusClientOptions = {}): PrometheusSource {
  return new QuerySource({ headers: options.headers ?? {}, clock: systemClock, wallClockNow, random: Math.random });
}
