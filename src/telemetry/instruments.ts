import {
  type Counter,
  type Histogram,
  type Meter,
  type MetricOptions,
  type Observable,
  type UpDownCounter,
  ValueType,
} from '@opentelemetry/api';
import { METRICS } from './names.ts';

/** Seconds: from a breaker that opens and closes at once to an outage of half an hour. */
const OPEN_DURATION_BOUNDARIES = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

/**
 * The package's instruments on one meter. Sums are added to when metrics are collected, by what has changed since; observable ones would
 * make an SDK go through every series of every breaker each time, at 2 to 4 us each.
 */
export interface Instruments {
  readonly status: UpDownCounter;
  readonly calls: Counter;
  readonly rejections: Counter;
  readonly fallbacks: Counter;
  readonly fallbackSkips: Counter;
  readonly inFlight: UpDownCounter;
  readonly transitions: Counter;
  readonly openDuration: Histogram;
  readonly ignored: Counter;
  readonly latency: Observable;
  readonly latencyLimit: Observable;
  readonly baselineErrorRate: Observable;
  readonly baselineLatency: Observable;
  readonly signalErrors: Counter;
  readonly signalFiring: UpDownCounter;
  readonly override: UpDownCounter;
  readonly shadowStatus: UpDownCounter;
  readonly shadowTransitions: Counter;
  readonly shadowRejections: Counter;
  readonly shadowFallbacks: Counter;
  readonly policyReloads: Counter;
  readonly policyUpToDate: Observable;
}

function integer(unit: string, description: string): MetricOptions {
  return { unit, description, valueType: ValueType.INT };
}

/** Makes the instruments. */
export function createInstruments(meter: Meter): Instruments {
  return {
    status: meter.createUpDownCounter(METRICS.status, integer('1', '1 for the state that the breaker is in, 0 for the others')),
    calls: meter.createCounter(METRICS.calls, integer('{call}', 'Calls by how they ended, or that they were rejected')),
    rejections: meter.createCounter(METRICS.rejections, integer('{call}', 'Calls that the breaker rejected, by reason')),
    fallbacks: meter.createCounter(METRICS.fallbacks, integer('{response}', 'Responses that a fallback gave, by source')),
    fallbackSkips: meter.createCounter(
      METRICS.fallbackSkips,
      integer('{skip}', 'Fallback sources that were asked and passed over, by source and reason'),
    ),
    inFlight: meter.createUpDownCounter(METRICS.inFlight, integer('{call}', 'Calls under way')),
    transitions: meter.createCounter(METRICS.transitions, integer('{transition}', 'Changes of state, by reason')),
    ignored: meter.createCounter(METRICS.ignored, integer('{call}', 'Calls that said nothing of the dependency, by cause')),
    latency: meter.createObservableGauge(METRICS.latency, {
      unit: 's',
      description: 'Latency in the window of latencySlo, by quantile',
    }),
    latencyLimit: meter.createObservableGauge(METRICS.latencyLimit, {
      unit: 's',
      description: 'The limit of latencySlo, by the quantile that it is for',
    }),
    baselineErrorRate: meter.createObservableGauge(METRICS.baselineErrorRate, {
      unit: '1',
      description: 'Share of failures that adaptive takes for usual',
    }),
    baselineLatency: meter.createObservableGauge(METRICS.baselineLatency, {
      unit: 's',
      description: 'Latency that adaptive takes for usual',
    }),
    signalErrors: meter.createCounter(METRICS.signalErrors, integer('{error}', 'How often a trip signal had no reading')),
    signalFiring: meter.createUpDownCounter(
      METRICS.signalFiring,
      integer('1', '1 while the last reading of a trip signal fires, else 0'),
    ),
    override: meter.createUpDownCounter(
      METRICS.override,
      integer('1', '1 while a person holds the breaker open or closed, by which'),
    ),
    shadowStatus: meter.createUpDownCounter(
      METRICS.shadowStatus,
      integer('1', '1 for the state that enforcement would have the breaker in, 0 for the others'),
    ),
    shadowTransitions: meter.createCounter(
      METRICS.shadowTransitions,
      integer('{transition}', 'Changes of state while observing, by reason'),
    ),
    shadowRejections: meter.createCounter(
      METRICS.shadowRejections,
      integer('{call}', 'Calls that enforcement would have rejected, by reason'),
    ),
    shadowFallbacks: meter.createCounter(
      METRICS.shadowFallbacks,
      integer('{response}', 'Responses that a fallback would have given under enforcement, by source'),
    ),
    policyReloads: meter.createCounter(METRICS.policyReloads, integer('{reload}', 'Policies that came, by what became of them')),
    policyUpToDate: meter.createObservableGauge(
      METRICS.policyUpToDate,
      integer('1', '1 while the newest policy holds, 0 after one was refused'),
    ),
    openDuration: meter.createHistogram(METRICS.openDuration, {
      unit: 's',
      description: 'Length of open periods that are over',
      advice: { explicitBucketBoundaries: OPEN_DURATION_BOUNDARIES },
    }),
  };
}

/** Those that are read when metrics are collected; the others are added to. */
export function gauges({ latency, latencyLimit, baselineErrorRate, baselineLatency, policyUpToDate }: Instruments): Observable[] {
  return [latency, latencyLimit, baselineErrorRate, baselineLatency, policyUpToDate];
}
